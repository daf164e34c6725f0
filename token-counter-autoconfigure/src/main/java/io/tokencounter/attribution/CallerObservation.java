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

package io.tokencounter.attribution;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observations of this package.
 */
enum CallerObservation implements ObservationDocumentation {

	/**
	 * One run of a tracked method.
	 */
	TRACK {

		@Override
		public String getName() {
			return "token.counter.track";
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return new KeyName[] { Key.FEATURE, Key.ERROR_TYPE };
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return new KeyName[] { Key.INPUT_TOKENS, Key.OUTPUT_TOKENS, Key.COST, Key.CURRENCY, Key.TAG };
		}

	},

	/**
	 * A session, from where it is opened to where it is closed. It is not the parent of
	 * what is done within, as nothing says where its thread leaves it.
	 */
	SESSION {

		@Override
		public String getName() {
			return "token.counter.session";
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return new KeyName[] { Key.SESSION_NAME };
		}

	};

	/**
	 * Keys of the observations.
	 */
	enum Key implements KeyName {

		/**
		 * The feature that the method is tracked as.
		 */
		FEATURE("feature"),

		/**
		 * The type of the exception that the method failed with, {@code none} if it did
		 * not. Its message may hold text of a prompt.
		 */
		ERROR_TYPE("error.type"),

		/**
		 * Input tokens of the calls in the run.
		 */
		INPUT_TOKENS("gen_ai.usage.input_tokens"),

		/**
		 * Output tokens of the calls in the run.
		 */
		OUTPUT_TOKENS("gen_ai.usage.output_tokens"),

		/**
		 * What the calls in the run cost, if that is known of all of them.
		 */
		COST("token.counter.cost"),

		/**
		 * The currency of the cost, as its ISO 4217 code.
		 */
		CURRENCY("token.counter.currency"),

		/**
		 * What the key of each caller tag of the run begins with.
		 */
		TAG("token.counter.tag."),

		/**
		 * The name of the session.
		 */
		SESSION_NAME("token.counter.session.name");

		private final String key;

		Key(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

}
