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

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokensWebFilter}.
 */
class TokensWebFilterTests {

	private final TokensWebFilter filter = new TokensWebFilter(List.of("/actuator/tokens", "/actuator/tokenhistory"));

	private final List<ServerWebExchange> passed = new ArrayList<>();

	@ParameterizedTest
	@ValueSource(strings = { "/actuator/tokens", "/actuator/tokens/cv", "/actuator/tokenhistory/calls" })
	void keepsAnswersOutOfCaches(String path) {
		HttpHeaders headers = filter(MockServerHttpRequest.get(path).build()).getResponse().getHeaders();
		assertThat(headers.getCacheControl()).isEqualTo("no-store");
		assertThat(headers.getVary()).contains("Accept");
		assertThat(this.passed).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/actuator", "/actuator/tokensOfOthers", "/" })
	void leavesOtherAddressesAlone(String path) {
		HttpHeaders headers = filter(MockServerHttpRequest.get(path).accept(MediaType.TEXT_HTML).build()).getResponse()
			.getHeaders();
		assertThat(headers.headerNames()).isEmpty();
		assertThat(this.passed).hasSize(1);
	}

	@Test
	void takesAQualityOfZeroForARefusal() {
		filter(MockServerHttpRequest.get("/actuator/tokens").header("Accept", "text/html;q=0, */*").build());
		filter(MockServerHttpRequest.get("/actuator/tokens").header("Accept", "text/html;q=0").build());
		assertThat(this.passed).extracting((exchange) -> exchange.getRequest().getHeaders().getAccept())
			.containsExactly(List.of(MediaType.ALL), List.of());
	}

	@Test
	void letsNoFormReset() {
		MockServerHttpRequest form = MockServerHttpRequest.method(HttpMethod.DELETE, "/actuator/tokens")
			.contentType(MediaType.APPLICATION_FORM_URLENCODED)
			.body("_method=delete");
		assertThat(filter(form).getResponse().getStatusCode()).isEqualTo(HttpStatus.FORBIDDEN);
		assertThat(this.passed).isEmpty();
		filter(MockServerHttpRequest.delete("/actuator/tokens").build());
		assertThat(this.passed).hasSize(1);
	}

	private MockServerWebExchange filter(MockServerHttpRequest request) {
		MockServerWebExchange exchange = MockServerWebExchange.from(request);
		this.filter.filter(exchange, (passed) -> {
			this.passed.add(passed);
			return Mono.empty();
		}).block();
		return exchange;
	}

}
