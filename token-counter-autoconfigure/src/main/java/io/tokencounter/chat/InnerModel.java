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

import org.jspecify.annotations.Nullable;

/**
 * A chat model bean that another one depends on, and so will call.
 *
 * @param beanName the name of the bean
 * @param provider the provider of the bean if it is known by its observations alone,
 * which do not tell the bean
 */
record InnerModel(String beanName, @Nullable String provider) {

	boolean is(@Nullable String beanName, @Nullable String provider) {
		return (beanName != null) ? this.beanName.equals(beanName)
				: this.provider != null && this.provider.equals(provider);
	}

}
