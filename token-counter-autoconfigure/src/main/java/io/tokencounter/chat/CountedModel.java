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

import java.util.function.Predicate;

import io.micrometer.observation.Observation;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.ModelClasses;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;

/**
 * What is known of a model whose calls are counted.
 *
 * @param beanName the name of its bean, {@code null} if it is none or not known
 * @param model the model itself, {@code null} if it is not known
 * @param provider its provider, from the package that Spring AI keeps the provider's
 * client in, for calls that are not observed; {@code null} if that does not tell
 * @param leaf whether a call to it is one request to a provider, which is observed if the
 * model observes at all. Any other model may route, retry or fall back over others
 * @param counted whether its calls are to be counted at all
 * @param beside whether its calls count beside those that it makes to other models
 * @param ownObservation recognizes an observation that was started for a call to it and
 * nothing else, so that it can tell others of the call
 */
record CountedModel(@Nullable String beanName, @Nullable ChatModel model, @Nullable String provider, boolean leaf,
		boolean counted, boolean beside, Predicate<Observation> ownObservation) {

	private static final FaultLog faults = new FaultLog(LogFactory.getLog(CountedModel.class));

	private static final Predicate<Observation> NO_OBSERVATION = (observation) -> false;

	/**
	 * A model of which nothing is known, below a {@code ChatClient} of unknown make.
	 */
	static final CountedModel UNKNOWN = new CountedModel(null, null, null, false, true, false, NO_OBSERVATION);

	static CountedModel of(@Nullable String beanName, ChatModel model, boolean leaf) {
		return new CountedModel(beanName, model, ModelClasses.providerOf(model), leaf, true, false, NO_OBSERVATION);
	}

	CountedModel counted(boolean counted) {
		return new CountedModel(this.beanName, this.model, this.provider, this.leaf, counted, this.beside,
				this.ownObservation);
	}

	CountedModel beside(boolean beside) {
		return new CountedModel(this.beanName, this.model, this.provider, this.leaf, this.counted, beside,
				this.ownObservation);
	}

	CountedModel withOwnObservation(Predicate<Observation> ownObservation) {
		return new CountedModel(this.beanName, this.model, this.provider, this.leaf, this.counted, this.beside,
				ownObservation);
	}

	boolean isObservedBy(Observation observation) {
		return this.ownObservation.test(observation);
	}

	/**
	 * Return the options of one of Spring AI's own models: nothing is called on a model
	 * of the application that it did not call.
	 * @return the options, {@code null} for any other model
	 */
	@Nullable ChatOptions defaultOptions() {
		return (this.provider != null) ? options() : null;
	}

	/**
	 * Ask the model for its options.
	 */
	@Nullable ChatOptions options() {
		try {
			return (this.model != null) ? this.model.getOptions() : null;
		}
		catch (Throwable ex) {
			faults.log("The options of a model could not be read", ex);
			return null;
		}
	}

}
