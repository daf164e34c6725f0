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

import java.util.List;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.chat.ChatModelGatePredicate.Probe;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.ModelClasses;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.observation.conventions.AiProvider;
import org.springframework.aop.support.AopUtils;

/**
 * Of which calls to a model our observation handler hears.
 */
enum ObservedCalls {

	ALL, SOME, NONE;

	// Enough to meet a sampler that lets a part of them pass
	private static final int PROBES = 10;

	private static final Log logger = LogFactory.getLog(ObservedCalls.class);

	static ObservedCalls of(ChatModel model, List<ObservationRegistry> ours) {
		try {
			ObservationRegistry registry = ModelClasses.registryOf(model);
			return (registry != null && ours.contains(registry)) ? of(registry) : NONE;
		}
		catch (Throwable ex) {
			FaultLog.throwIfFatal(ex);
			logger.debug("Whether calls to " + model.getClass().getName() + " are observed can not be told", ex);
			return ModelClasses.isSpringAi(AopUtils.getTargetClass(model)) ? ALL : NONE;
		}
	}

	private static ObservedCalls of(ObservationRegistry registry) {
		int observed = 0;
		for (int i = 0; i < PROBES; i++) {
			observed += isObserving(registry) ? 1 : 0;
		}
		if (observed == PROBES) {
			return ALL;
		}
		return (observed > 0) ? SOME : NONE;
	}

	/**
	 * Return whether a registry observes a call to a model: the application may have
	 * switched such observations off.
	 */
	private static boolean isObserving(ObservationRegistry registry) {
		Supplier<ChatModelObservationContext> context = () -> {
			ChatModelObservationContext probe = ChatModelObservationContext.builder()
				.prompt(new Prompt(""))
				.provider(AiProvider.SPRING_AI.value())
				.build();
			probe.put(Probe.class, Probe.INSTANCE);
			return probe;
		};
		try {
			return !ChatModelObservationDocumentation.CHAT_MODEL_OPERATION
				.observation(null, new DefaultChatModelObservationConvention(), context, registry)
				.isNoop();
		}
		catch (Throwable ex) {
			FaultLog.throwIfFatal(ex);
			// A predicate of the application that does not expect such a call
			return !registry.isNoop();
		}
	}

}
