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

import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Makes one address with two kinds of answers safe for caches, and a reset something that
 * no form of another site can send.
 *
 * @since 0.1.0
 */
public final class TokensServletFilter extends OncePerRequestFilter {

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
		response.addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
		if (isDeleteInDisguise(request)) {
			response.setStatus(HttpServletResponse.SC_FORBIDDEN);
			return;
		}
		chain.doFilter(new AcceptingRequest(request), response);
	}

	/**
	 * Spring's {@code HiddenHttpMethodFilter} makes a {@code DELETE} of a {@code POST},
	 * which a browser sends for a form of another site without asking.
	 */
	private static boolean isDeleteInDisguise(HttpServletRequest request) {
		ServletRequest original = request;
		while (original instanceof ServletRequestWrapper wrapper) {
			original = wrapper.getRequest();
		}
		return HttpMethod.DELETE.matches(request.getMethod()) && original instanceof HttpServletRequest sent
				&& !HttpMethod.DELETE.matches(sent.getMethod());
	}

	/**
	 * A request without the media types that it refuses.
	 */
	private static final class AcceptingRequest extends HttpServletRequestWrapper {

		AcceptingRequest(HttpServletRequest request) {
			super(request);
		}

		@Override
		public @Nullable String getHeader(String name) {
			if (!HttpHeaders.ACCEPT.equalsIgnoreCase(name)) {
				return super.getHeader(name);
			}
			List<String> accepted = accepted();
			return accepted.isEmpty() ? null : String.join(", ", accepted);
		}

		@Override
		public Enumeration<String> getHeaders(String name) {
			return HttpHeaders.ACCEPT.equalsIgnoreCase(name) ? Collections.enumeration(accepted())
					: super.getHeaders(name);
		}

		private List<String> accepted() {
			return AcceptedTypes.withoutRefused(Collections.list(super.getHeaders(HttpHeaders.ACCEPT)));
		}

	}

}
