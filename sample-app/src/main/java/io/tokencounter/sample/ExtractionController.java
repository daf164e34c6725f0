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

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * Extracts fields from the text of a request. A failed extraction is answered with status
 * 200 and {@code "success": false}: the request was served, and a client reads the spent
 * tokens from the same place either way. Status 400 means that no model was asked.
 */
@RestController
@RequestMapping("/extract")
class ExtractionController {

	private final ExtractionService service;

	private final ChatProviders providers;

	ExtractionController(ExtractionService service, ChatProviders providers) {
		this.service = service;
		this.providers = providers;
	}

	@PostMapping("/cv")
	Extraction<Cv> cv(@RequestBody Request request) {
		return this.service.extractCv(request.requiredText(), this.providers.get(request.provider()));
	}

	@PostMapping("/jd")
	Extraction<JobDescription> jobDescription(@RequestBody Request request) {
		return this.service.extractJobDescription(request.requiredText(), this.providers.get(request.provider()));
	}

	record Request(@Nullable String text, @Nullable String provider) {

		String requiredText() {
			if (!StringUtils.hasText(this.text)) {
				throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "'text' must not be empty");
			}
			return this.text;
		}

	}

}
