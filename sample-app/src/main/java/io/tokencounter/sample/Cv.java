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

package io.tokencounter.sample;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is extracted from a CV. A field that the text does not tell is {@code null}.
 *
 * @param name the candidate's name
 * @param email the candidate's e-mail address
 * @param title the candidate's profession or position
 * @param skills the candidate's skills
 */
record Cv(@Nullable String name, @Nullable String email, @Nullable String title, @Nullable List<String> skills) {
}
