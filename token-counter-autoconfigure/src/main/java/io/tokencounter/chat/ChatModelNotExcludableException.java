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

import org.springframework.beans.factory.BeanCreationException;

/**
 * Thrown for a chat model bean that is to be excluded from the counting though its calls
 * can not be told from those to other models.
 *
 * @since 0.1.0
 */
public final class ChatModelNotExcludableException extends BeanCreationException {

	private final String reason;

	ChatModelNotExcludableException(String beanName, String reason) {
		super(beanName, "The calls of this chat model can not be excluded: " + reason);
		this.reason = reason;
	}

	/**
	 * Return why the bean can not be excluded.
	 * @return the reason
	 */
	public String getReason() {
		return this.reason;
	}

}
