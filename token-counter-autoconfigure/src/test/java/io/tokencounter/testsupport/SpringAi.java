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

package io.tokencounter.testsupport;

import org.springframework.ai.chat.model.ChatModel;

/**
 * What differs between the versions of Spring AI that are supported.
 */
public final class SpringAi {

	private SpringAi() {
	}

	/**
	 * Return whether this is version 2.0.0: it reads a cancelled stream of OpenAI to its
	 * end, and tells the usage of the last round of a loop of tools as that of the whole.
	 */
	public static boolean is200() {
		return "2.0.0".equals(ChatModel.class.getPackage().getImplementationVersion());
	}

}
