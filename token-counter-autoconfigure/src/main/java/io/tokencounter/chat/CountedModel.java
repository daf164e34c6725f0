/*
 * Copyright 2026-present the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.tokencounter.chat;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.observation.conventions.AiProvider;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ReflectionUtils;

/**
 * What is known of a model whose calls are counted.
 *
 * @param beanName the name of its bean, {@code null} if it is none or not known
 * @param leaf whether a call to it is one request to a provider. Only Spring AI's own
 * classes are known to be; any other may route, retry or fall back over other models
 * @param counted whether its calls are to be counted at all
 * @param model the model itself, {@code null} if it is not known
 * @param provider its provider, from the package that Spring AI keeps the provider's
 * client in when the model is first met, for calls that are not observed; {@code null} if
 * that does not tell
 * @param innerModels the beans that it depends on
 * @param ownObservation recognizes an observation that was started for a call to it and
 * nothing else, so that it can tell others of the call
 */
record CountedModel(@Nullable String beanName, boolean leaf, boolean counted, @Nullable ChatModel model,
		@Nullable String provider, List<InnerModel> innerModels, Predicate<Observation> ownObservation) {

	private static final Predicate<Observation> NO_OBSERVATION = (observation) -> false;

	private static final String SPRING_AI = "org.springframework.ai.";

	private static final ClassValue<@Nullable String> PROVIDERS = new ClassValue<>() {

		@Override
		protected @Nullable String computeValue(Class<?> type) {
			return findProvider(type);
		}

	};

	/**
	 * A model of which nothing is known, below a {@code ChatClient} of unknown make.
	 */
	static final CountedModel UNKNOWN = new CountedModel(null, false, true, null, null, List.of(), NO_OBSERVATION);

	static CountedModel of(@Nullable String beanName, ChatModel model, Class<?> type, boolean counted) {
		return of(beanName, model, type, counted, List.of());
	}

	static CountedModel of(@Nullable String beanName, ChatModel model, Class<?> type, boolean counted,
			List<InnerModel> innerModels) {
		return new CountedModel(beanName, isSpringAi(type), counted, model, providerOf(model), innerModels,
				NO_OBSERVATION);
	}

	CountedModel withOwnObservation(Predicate<Observation> ownObservation) {
		return new CountedModel(this.beanName, this.leaf, this.counted, this.model, this.provider, this.innerModels,
				ownObservation);
	}

	boolean isObservedBy(Observation observation) {
		return this.ownObservation.test(observation);
	}

	boolean calls(@Nullable String beanName, @Nullable String provider) {
		for (InnerModel innerModel : this.innerModels) {
			if (innerModel.is(beanName, provider)) {
				return true;
			}
		}
		return false;
	}

	private static @Nullable String providerOf(ChatModel model) {
		try {
			return providerOf(AopUtils.getTargetClass(model));
		}
		catch (Throwable ex) {
			// A proxy that does not know its target yet
			return null;
		}
	}

	static @Nullable String providerOf(Class<?> type) {
		return PROVIDERS.get(type);
	}

	private static @Nullable String findProvider(Class<?> type) {
		if (!isSpringAi(type)) {
			return null;
		}
		String client = type.getPackageName().substring(SPRING_AI.length()).replace(".", "");
		for (AiProvider provider : AiProvider.values()) {
			if (client.equals(provider.value().replace("_", ""))) {
				return provider.value();
			}
		}
		return null;
	}

	static boolean isSpringAi(Class<?> type) {
		return type.getName().startsWith(SPRING_AI);
	}

	/**
	 * Return why a class proxy would change or break instances of a type.
	 * @return the reason, {@code null} if a proxy does no harm
	 */
	static @Nullable String whyNotProxied(Class<?> type) {
		try {
			return findWhyNotProxied(type);
		}
		catch (LinkageError ex) {
			return "its class can not be read: " + ex.getMessage();
		}
	}

	private static @Nullable String findWhyNotProxied(Class<?> type) {
		if (Modifier.isFinal(type.getModifiers()) || type.isHidden() || type.isSealed()) {
			return "its class is final";
		}
		if (Arrays.stream(type.getDeclaredConstructors())
			.allMatch((constructor) -> Modifier.isPrivate(constructor.getModifiers()))) {
			return "its constructors are private";
		}
		for (Class<?> current = type; current != null && current != Object.class; current = current.getSuperclass()) {
			for (Method method : current.getDeclaredMethods()) {
				int modifiers = method.getModifiers();
				if (Modifier.isFinal(modifiers) && !Modifier.isStatic(modifiers) && !Modifier.isPrivate(modifiers)
						&& !method.isSynthetic()) {
					return "its method " + method.getName() + "() is final";
				}
			}
		}
		return null;
	}

	/**
	 * Return whether calls to a model can be observed. Spring AI keeps the registry in a
	 * private field and tells it to nobody.
	 * @return whether it can, {@code null} if that is not known
	 */
	static @Nullable Boolean isObserved(Object model) {
		// The fields of a proxy are not set
		Object singletonTarget = AopProxyUtils.getSingletonTarget(model);
		Object target = (singletonTarget != null) ? singletonTarget : model;
		for (Class<?> type = target.getClass(); type != null && type != Object.class; type = type.getSuperclass()) {
			for (Field field : type.getDeclaredFields()) {
				if (ObservationRegistry.class.isAssignableFrom(field.getType())
						&& !Modifier.isStatic(field.getModifiers())) {
					ReflectionUtils.makeAccessible(field);
					return ReflectionUtils.getField(field, target) instanceof ObservationRegistry registry
							&& isObserving(registry);
				}
			}
		}
		return null;
	}

	/**
	 * Return whether a registry observes calls to models: it may have no handler, or the
	 * application may have switched such observations off.
	 */
	private static boolean isObserving(ObservationRegistry registry) {
		Supplier<ChatModelObservationContext> context = () -> ChatModelObservationContext.builder()
			.prompt(new Prompt(""))
			.provider(AiProvider.SPRING_AI.value())
			.build();
		try {
			return !ChatModelObservationDocumentation.CHAT_MODEL_OPERATION
				.observation(null, new DefaultChatModelObservationConvention(), context, registry)
				.isNoop();
		}
		catch (RuntimeException ex) {
			// A predicate of the application that does not expect such a call
			return !registry.isNoop();
		}
	}

}
