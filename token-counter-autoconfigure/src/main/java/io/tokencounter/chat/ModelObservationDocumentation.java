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

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * Observation of calls to models that may call others.
 */
enum ModelObservationDocumentation implements ObservationDocumentation {

	/**
	 * A call to a model of the application's own.
	 */
	MODEL {

		@Override
		public String getName() {
			return "token.counter.model";
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return KeyNames.values();
		}

	};

	enum KeyNames implements KeyName {

		/**
		 * Name of the model's bean, {@code none} if it is none.
		 */
		BEAN {

			@Override
			public String asString() {
				return "token.counter.model.bean";
			}

		},

		/**
		 * Type of the exception that the call failed with, {@code none} if it did not.
		 * Its message may hold text of a prompt.
		 */
		ERROR_TYPE {
			@Override
			public String asString() {
				return "error.type";
			}

		}

	}

}
