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

package io.tokencounter;

/**
 * Told of every counted call, once. Declare a bean of this type to take part.
 * <p>
 * A listener is called on whatever thread the call ended on, which can be an event loop,
 * so it must not block. An exception that it throws is logged and never reaches the
 * caller of the model.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface TokenCallListener {

	/**
	 * Called after a call to a model ended.
	 * @param call the counted call
	 */
	void onCall(TokenCall call);

}
