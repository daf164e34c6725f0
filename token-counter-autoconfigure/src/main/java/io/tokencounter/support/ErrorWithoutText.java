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

/**
 * Stands for an exception where it is handed to tracing. Providers repeat the prompt in
 * their messages, and causes and suppressed exceptions have messages, too.
 */
@SuppressWarnings("serial")
final class ErrorWithoutText extends Exception {

	ErrorWithoutText(Throwable error) {
		super(error.getClass().getName(), null, false, false);
	}

	@Override
	public String toString() {
		return String.valueOf(getMessage());
	}

}
