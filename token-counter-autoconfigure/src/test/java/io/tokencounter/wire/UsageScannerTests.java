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

package io.tokencounter.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

import com.anthropic.models.messages.CacheCreation;
import com.openai.models.completions.CompletionUsage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.ai.chat.metadata.Usage;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link UsageScanner} and for what becomes of what it finds.
 */
class UsageScannerTests {

	private static final String USAGE = "{\"prompt_tokens\":17,\"completion_tokens\":42,\"total_tokens\":59}";

	private static final String LIE = "{\"prompt_tokens\":666,\"completion_tokens\":666,\"total_tokens\":1332}";

	@ParameterizedTest
	@CsvSource({ "openai-sync.json, 1800, 120, 1024, chatcmpl-made-up-0001",
			"openai-stream.sse, 1800, 120, 1024, chatcmpl-made-up-0002",
			"azure-openai-stream.sse, 90, 12, 0, chatcmpl-made-up-az2",
			"cerebras-stream.sse, 69, 45, 32, chatcmpl-made-up-cb2", "anthropic-sync.json, 50, 503, 1800, msg_madeup01",
			"anthropic-stream.sse, 50, 503, 1800, msg_madeup02" })
	void payloadIsReadWhereverItsPiecesEnd(String fixture, int input, int output, long cacheRead, String id)
			throws IOException {
		byte[] body = fixture(fixture);
		HeardAnswer whole = scan(fixture, body, body.length);
		assertThat(whole).isNotNull();
		assertThat(whole.id()).isEqualTo(id);
		assertThat(whole.usage())
			.extracting(Usage::getPromptTokens, Usage::getCompletionTokens, Usage::getCacheReadInputTokens)
			.containsExactly(input, output, cacheRead);
		for (int split = 1; split < body.length; split++) {
			WireAnswer answer = answer(protocolOf(fixture));
			UsageScanner scanner = new UsageScanner(answer, fixture.endsWith(".sse"));
			scanner.scan(body, 0, split);
			scanner.scan(body, split, body.length);
			assertThat(answer.heard()).as("Split at %d", split).isEqualTo(whole);
		}
		assertThat(scan(fixture, body, 1)).isEqualTo(whole);
	}

	@Test
	void nativeUsageIsThatOfTheClient() throws IOException {
		byte[] openAi = fixture("openai-stream.sse");
		HeardAnswer heard = scan("openai-stream.sse", openAi, openAi.length);
		assertThat(heard).isNotNull();
		assertThat(heard.serviceTier()).isEqualTo("default");
		assertThat(heard.model()).isEqualTo("gpt-5.6-sol");
		CompletionUsage usage = (CompletionUsage) heard.usage().getNativeUsage();
		assertThat(usage.completionTokensDetails().orElseThrow().reasoningTokens()).contains(64L);
		assertThat(usage.toString()).contains("512");
	}

	@Test
	void streamOfAnthropicKeepsWhatOnlyItsStartTells() throws IOException {
		byte[] anthropic = fixture("anthropic-stream.sse");
		HeardAnswer heard = scan("anthropic-stream.sse", anthropic, anthropic.length);
		assertThat(heard).isNotNull();
		var usage = (com.anthropic.models.messages.Usage) heard.usage().getNativeUsage();
		assertThat(usage.cacheCreation().map(CacheCreation::ephemeral1hInputTokens)).contains(100L);
		assertThat(usage.serviceTier().orElseThrow().asString()).isEqualTo("standard");
		assertThat(usage.outputTokens()).isEqualTo(503);
	}

	@Test
	void countsThatTheEndOfAStreamDoesNotTellAreThoseOfItsStart() {
		assertThat(anthropicStream("{\"input_tokens\":12,\"cache_read_input_tokens\":1000,\"output_tokens\":1}",
				"{\"input_tokens\":0,\"cache_read_input_tokens\":null,\"output_tokens\":42}"))
			.extracting(Usage::getPromptTokens, Usage::getCompletionTokens, Usage::getCacheReadInputTokens)
			.containsExactly(12, 42, 1000L);
	}

	@Test
	void countsOfTheEndOfAStreamAreThoseOfTheWhole() {
		assertThat(anthropicStream("{\"input_tokens\":472,\"output_tokens\":2}",
				"{\"input_tokens\":10682,\"output_tokens\":510,\"server_tool_use\":{\"web_search_requests\":3}}"))
			.satisfies((usage) -> assertThat(usage.getNativeUsage().toString()).contains("webSearchRequests=3"))
			.extracting(Usage::getPromptTokens, Usage::getCompletionTokens)
			.containsExactly(10682, 510);
	}

	@Test
	void startAloneIsTold() {
		WireAnswer answer = answer(WireProtocol.ANTHROPIC);
		scan(answer, true, event("{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":"
				+ "{\"input_tokens\":12,\"output_tokens\":1}}}"));
		assertThat(usageOf(answer).getPromptTokens()).isEqualTo(12);
	}

	@ParameterizedTest
	@ValueSource(strings = { "[{\"delta\":{\"content\":\"{\\\"usage\\\":{\\\"prompt_tokens\\\":666}}\"}}]",
			"[{\"usage\":" + LIE + "}]", "{\"usage\":" + LIE + "}", "\"\\\\\",\"a\":\"\\\",\\\"usage\\\":" + "{}\"",
			"\"usage\",\"x\":" + LIE, "[\"usage\"," + LIE + "]", "null,\"us\\u0061ge\":" + LIE,
			"null,\"not-a-usage\":" + LIE, "null,\"usages\":" + LIE, "null,\"usage\":null",
			"null,\"usage\":[" + LIE + "]", "null,\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}",
			"null,\"aaaaaaaaaaaaaaaausage\":" + LIE })
	void whatLooksLikeAUsageIsNone(String choices) {
		String chunk = "{\"id\":\"a\",\"choices\":" + choices + "}";
		for (int pieces : new int[] { 1, 16, 1000 }) {
			WireAnswer before = answer(WireProtocol.OPENAI);
			scan(before, true, event(chunk), pieces);
			assertThat(before.heard()).isNull();
			WireAnswer between = answer(WireProtocol.OPENAI);
			scan(between, true, event("{\"usage\":" + USAGE + "}") + event(chunk), pieces);
			assertThat(usageOf(between).getPromptTokens()).isEqualTo(17);
			WireAnswer sync = answer(WireProtocol.OPENAI);
			scan(sync, false, "{\"choices\":" + choices + ",\"usage\":" + USAGE + "}", pieces);
			assertThat(usageOf(sync).getPromptTokens()).isEqualTo(17);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { ": {\n", ": \"\n\n", ":{\"usage\":\r\n", "event: {\n", "data: {\"a\":\"broken off\n\n",
			"data: {\"a\":{\"b\":[\"\\\n\n", "data: [DONE]\n\n", "\n", "retry: 3000\r\n" })
	void brokenLineDoesNotHideTheNext(String line) {
		WireAnswer answer = answer(WireProtocol.OPENAI);
		scan(answer, true, line + event("{\"usage\":" + USAGE + "}"));
		assertThat(usageOf(answer).getPromptTokens()).isEqualTo(17);
	}

	@Test
	void lastUsageThatSaysSomethingCounts() {
		WireAnswer answer = answer(WireProtocol.OPENAI);
		scan(answer, true,
				event("{\"usage\":{\"prompt_tokens\":17,\"completion_tokens\":3}}") + event("{\"usage\":" + USAGE + "}")
						+ event("{\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}"));
		assertThat(usageOf(answer).getCompletionTokens()).isEqualTo(42);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"usage\":", "\"usage\" : ", "\"usage\":null,\"usage\":",
			"\"a\":\"\u00e9\u00e9\u00e9\u00e9usage\",\"usage\":", "\"s\":\"e\",\"usage\":" })
	void usageIsFoundInPiecesOfWholeLines(String key) {
		for (int padding = 0; padding < 10; padding++) {
			WireAnswer answer = answer(WireProtocol.OPENAI);
			UsageScanner scanner = new UsageScanner(answer, true);
			for (String json : new String[] { "{\"id\":\"one\",\"model\":\"gpt\"}", "{\"choices\":[]}",
					"{\"choices\":[],\"usage\":null}", "{\"p\":\"" + "x".repeat(padding) + "\"," + key + USAGE + "}",
					"{\"usage\": null}" }) {
				byte[] piece = event(json).getBytes(StandardCharsets.UTF_8);
				scanner.scan(piece, 0, piece.length);
			}
			assertThat(usageOf(answer).getPromptTokens()).isEqualTo(17);
		}
	}

	@Test
	void firstNamesThatSaySomethingCount() {
		WireAnswer answer = answer(WireProtocol.OPENAI);
		scan(answer, true, event("{\"id\":\"\",\"model\":\"\"}") + event("{\"id\":\"one\",\"model\":\"gpt\"}")
				+ event("{\"id\":\"two\",\"model\":\"other\",\"usage\":" + USAGE + "}"));
		assertThat(answer.heard()).extracting(HeardAnswer::id, HeardAnswer::model).containsExactly("one", "gpt");
	}

	@Test
	void longValuesAreSkipped() {
		String filler = "x".repeat(CapturedValue.MAX_LENGTH);
		WireAnswer answer = answer(WireProtocol.OPENAI);
		scan(answer, true, event("{\"model\":\"" + filler + "\",\"usage\":{\"prompt_tokens\":1,\"a\":\"" + filler
				+ "\"},\"id\":\"one\"}"), 100);
		assertThat(answer.heard()).isNull();
		assertThat(answer.id()).isEqualTo("one");
		scan(answer, true, event("{\"model\":\"gpt\",\"usage\":" + USAGE + "}"));
		assertThat(usageOf(answer).getPromptTokens()).isEqualTo(17);
	}

	@Test
	void countsThatNoProviderCanMeanAreCut() {
		WireAnswer answer = answer(WireProtocol.OPENAI);
		scan(answer, true, event("{\"usage\":{\"prompt_tokens\":1000000000000000000,\"completion_tokens\":-5}}"));
		assertThat(usageOf(answer).getPromptTokens()).isPositive();
		assertThat(usageOf(answer).getCompletionTokens()).isZero();
	}

	private static Usage anthropicStream(String start, String end) {
		WireAnswer answer = answer(WireProtocol.ANTHROPIC);
		scan(answer, true, event("{\"type\":\"message_start\",\"message\":{\"usage\":" + start + "}}")
				+ event("{\"type\":\"message_delta\",\"usage\":" + end + "}"));
		return usageOf(answer);
	}

	private static String event(String json) {
		return "event: any\ndata: " + json + "\n\n";
	}

	private static Usage usageOf(WireAnswer answer) {
		HeardAnswer heard = answer.heard();
		assertThat(heard).isNotNull();
		return heard.usage();
	}

	private static @Nullable HeardAnswer scan(String fixture, byte[] body, int pieces) {
		WireAnswer answer = answer(protocolOf(fixture));
		scan(answer, fixture.endsWith(".sse"), body, pieces);
		return answer.heard();
	}

	private static void scan(WireAnswer answer, boolean lines, String body) {
		scan(answer, lines, body, 1000);
	}

	private static void scan(WireAnswer answer, boolean lines, String body, int pieces) {
		scan(answer, lines, body.getBytes(StandardCharsets.UTF_8), pieces);
	}

	private static void scan(WireAnswer answer, boolean lines, byte[] body, int pieces) {
		UsageScanner scanner = new UsageScanner(answer, lines);
		for (int i = 0; i < body.length; i += pieces) {
			scanner.scan(body, i, Math.min(body.length, i + pieces));
		}
	}

	private static WireAnswer answer(WireProtocol protocol) {
		return new WireAnswer(protocol, true, Instant.EPOCH, (answer) -> {
		});
	}

	private static WireProtocol protocolOf(String fixture) {
		return fixture.startsWith("anthropic") ? WireProtocol.ANTHROPIC : WireProtocol.OPENAI;
	}

	private static byte[] fixture(String name) throws IOException {
		try (InputStream stream = UsageScannerTests.class.getResourceAsStream("/fixtures/" + name)) {
			assertThat(stream).as(name).isNotNull();
			return stream.readAllBytes();
		}
	}

}
