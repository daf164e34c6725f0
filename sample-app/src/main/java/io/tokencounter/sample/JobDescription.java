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
 * What is extracted from a job description. A field that the text does not tell is
 * {@code null}.
 *
 * @param title the title of the position
 * @param company the employer
 * @param location the place of work
 * @param skills the skills that are asked for
 */
record JobDescription(@Nullable String title, @Nullable String company, @Nullable String location,
		@Nullable List<String> skills) {
}
