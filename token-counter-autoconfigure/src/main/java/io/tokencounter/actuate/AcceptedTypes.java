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

package io.tokencounter.actuate;

import java.util.List;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * The media types of an {@code Accept} header. Spring takes a quality of zero for a low
 * one, while it means "not this one": at an address that answers in two ways, that is the
 * difference between a page and its numbers.
 */
final class AcceptedTypes {

	private AcceptedTypes() {
	}

	/**
	 * Return what is accepted.
	 * @param accept the values of the header
	 * @return the values without types that are refused
	 */
	static List<String> withoutRefused(List<String> accept) {
		try {
			return MediaType.parseMediaTypes(accept)
				.stream()
				.filter((type) -> type.getQualityValue() > 0)
				.map(MediaType::toString)
				.toList();
		}
		catch (InvalidMediaTypeException ex) {
			return accept;
		}
	}

}
