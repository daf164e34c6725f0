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

/**
 * Where calls to chat models are seen, and the one recorder that they end in.
 * <p>
 * A call is seen by up to three capture points: the proxy of its bean, an advisor inside
 * of {@code ChatClient}, and the observation that Spring AI starts. The first two open a
 * {@link io.tokencounter.chat.CallScope}; the third either gives its observation to the
 * scope that it finds or counts itself. So each call is recorded once, by whatever sees
 * most of it.
 */
@NullMarked
package io.tokencounter.chat;

import org.jspecify.annotations.NullMarked;
