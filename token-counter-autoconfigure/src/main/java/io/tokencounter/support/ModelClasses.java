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

package io.tokencounter.support;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;

import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.observation.conventions.AiProvider;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * What the class of a model tells.
 *
 * @since 0.1.0
 */
public final class ModelClasses {

	private static final String SPRING_AI = "org.springframework.ai.";

	private static final ClassValue<@Nullable String> PROVIDERS = new ClassValue<>() {

		@Override
		protected @Nullable String computeValue(Class<?> type) {
			return findProvider(type);
		}

	};

	private static final @Nullable Method MOCKING_DETAILS = findMockingDetails();

	private ModelClasses() {
	}

	/**
	 * Return whether a class is one of Spring AI's own.
	 * @param type the class
	 * @return whether it is
	 */
	public static boolean isSpringAi(Class<?> type) {
		return type.getName().startsWith(SPRING_AI);
	}

	/**
	 * Return the provider of a model, from the package that Spring AI keeps the
	 * provider's client in.
	 * @param model the model
	 * @return the provider as Spring AI names it, {@code null} if that does not tell
	 */
	public static @Nullable String providerOf(Object model) {
		try {
			return PROVIDERS.get(AopUtils.getTargetClass(model));
		}
		catch (RuntimeException ex) {
			// A proxy that does not know its target yet
			return null;
		}
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

	/**
	 * Return why a class proxy would change or break instances of a type.
	 * @param type the type
	 * @return the reason, {@code null} if a proxy does no harm
	 */
	public static @Nullable String whyNotProxied(Class<?> type) {
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
				if (Modifier.isStatic(modifiers) || method.isSynthetic()) {
					continue;
				}
				if (Modifier.isFinal(modifiers) && !Modifier.isPrivate(modifiers)) {
					return "its method " + method.getName() + "() is final";
				}
				if (Modifier.isPrivate(modifiers) && isHandler(method)) {
					return "its private method " + method.getName() + "() is called by Spring";
				}
			}
		}
		return null;
	}

	/**
	 * Spring calls annotated methods on the bean, and refuses private ones of a proxy.
	 */
	private static boolean isHandler(Method method) {
		return Arrays.stream(method.getAnnotations())
			.anyMatch((annotation) -> annotation.annotationType().getName().startsWith("org.springframework.")
					&& !annotation.annotationType().getName().startsWith("org.springframework.beans."));
	}

	/**
	 * Return the registry that a model observes its calls with. Spring AI keeps it in a
	 * private field and tells it to nobody; others do as Spring AI does.
	 * @param model the model
	 * @return the registry, {@code null} if the model has none
	 */
	public static @Nullable ObservationRegistry registryOf(Object model) {
		// The fields of a proxy are not set
		Object singletonTarget = AopProxyUtils.getSingletonTarget(model);
		Object target = (singletonTarget != null) ? singletonTarget : model;
		for (Class<?> type = target.getClass(); type != null && type != Object.class; type = type.getSuperclass()) {
			for (Field field : type.getDeclaredFields()) {
				if (ObservationRegistry.class.isAssignableFrom(field.getType())
						&& !Modifier.isStatic(field.getModifiers())) {
					ReflectionUtils.makeAccessible(field);
					return (ObservationRegistry) ReflectionUtils.getField(field, target);
				}
			}
		}
		return null;
	}

	/**
	 * Return whether a bean is a mock of a test: it answers nothing, and minds whatever
	 * is asked of it.
	 * @param bean the bean
	 * @return whether it is
	 */
	public static boolean isMock(Object bean) {
		if (MOCKING_DETAILS == null) {
			return false;
		}
		Object details = ReflectionUtils.invokeMethod(MOCKING_DETAILS, null, bean);
		return details != null && Boolean.TRUE.equals(
				ReflectionUtils.invokeMethod(ClassUtils.getMethod(MOCKING_DETAILS.getReturnType(), "isMock"), details));
	}

	private static @Nullable Method findMockingDetails() {
		try {
			Class<?> mockito = ClassUtils.forName("org.mockito.Mockito", ModelClasses.class.getClassLoader());
			return mockito.getMethod("mockingDetails", Object.class);
		}
		catch (ReflectiveOperationException | LinkageError ex) {
			return null;
		}
	}

}
