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

import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Does for Spring WebFlux what the {@link TokensServletFilter} does for Spring MVC.
 *
 * @since 0.1.0
 */
public final class TokensWebFilter implements WebFilter {

	private final List<String> paths;

	/**
	 * Create a filter.
	 * @param paths the paths of the endpoints within the application
	 */
	public TokensWebFilter(List<String> paths) {
		this.paths = List.copyOf(paths);
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		String requested = exchange.getRequest().getPath().pathWithinApplication().value();
		if (this.paths.stream().noneMatch((path) -> requested.equals(path) || requested.startsWith(path + "/"))) {
			return chain.filter(exchange);
		}
		exchange.getResponse().getHeaders().setCacheControl("no-store");
		exchange.getResponse().getHeaders().add(HttpHeaders.VARY, HttpHeaders.ACCEPT);
		if (isDeleteInDisguise(exchange.getRequest())) {
			exchange.getResponse().setStatusCode(HttpStatus.FORBIDDEN);
			return exchange.getResponse().setComplete();
		}
		return chain.filter(exchange.mutate().request((request) -> request.headers(this::removeRefused)).build());
	}

	private void removeRefused(HttpHeaders headers) {
		List<String> accepted = AcceptedTypes.withoutRefused(headers.getOrEmpty(HttpHeaders.ACCEPT));
		if (accepted.isEmpty()) {
			headers.remove(HttpHeaders.ACCEPT);
		}
		else {
			headers.put(HttpHeaders.ACCEPT, accepted);
		}
	}

	/**
	 * Spring's {@code HiddenHttpMethodFilter} makes a {@code DELETE} of a form that was
	 * sent by {@code POST}.
	 */
	private static boolean isDeleteInDisguise(ServerHttpRequest request) {
		try {
			MediaType type = request.getHeaders().getContentType();
			return HttpMethod.DELETE.equals(request.getMethod()) && type != null
					&& (type.isCompatibleWith(MediaType.APPLICATION_FORM_URLENCODED)
							|| type.isCompatibleWith(MediaType.MULTIPART_FORM_DATA));
		}
		catch (InvalidMediaTypeException ex) {
			return false;
		}
	}

}
