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

import org.springframework.http.HttpStatus;
import org.springframework.util.CollectionUtils;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * Searches the texts of a request by their meaning.
 */
@RestController
class SearchController {

	private final SearchService service;

	SearchController(SearchService service) {
		this.service = service;
	}

	@PostMapping("/search")
	List<SearchService.Hit> search(@RequestBody Request request) {
		if (!StringUtils.hasText(request.query()) || CollectionUtils.isEmpty(request.texts())
				|| !request.texts().stream().allMatch(StringUtils::hasText)) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "'query' and 'texts' must not be empty");
		}
		return this.service.search(request.query(), request.texts());
	}

	record Request(@Nullable String query, @Nullable List<String> texts) {
	}

}
