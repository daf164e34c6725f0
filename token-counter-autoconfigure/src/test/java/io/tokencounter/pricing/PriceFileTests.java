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

package io.tokencounter.pricing;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.tokencounter.provider.ProviderNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.io.AbstractResource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what {@link PriceFile} refuses and what it says of a file.
 */
@ExtendWith(OutputCaptureExtension.class)
class PriceFileTests {

	@ParameterizedTest
	@MethodSource
	void saysWhatIsWrongWithTheWholeFile(String content, String problem) {
		assertThatExceptionOfType(InvalidPriceException.class).isThrownBy(() -> read(json(content)))
			.satisfies((ex) -> assertThat(ex.getProblems()).singleElement().asString().contains(problem))
			.satisfies((ex) -> assertThat(ex.getProblems().get(0)).hasSizeLessThan(1000));
	}

	static List<Arguments> saysWhatIsWrongWithTheWholeFile() {
		String entry = "\"provider\": \"p\", \"models\": [ \"m\" ], \"input\": 1, \"output\": 2";
		return List.of(Arguments.of("{}", "The file has no price"), Arguments.of("", "must have a JSON object"),
				Arguments.of("{ \"prices\": [] }", "The file has no price"),
				Arguments.of("{ \"sample_spec\": {} }", "The file has no price"),
				Arguments.of("{ \"a\": %s }".formatted("[".repeat(100_000)), "not JSON"),
				Arguments.of("{ \"a\": { \"input_cost_per_token\": %s } }".formatted("1".repeat(100_000)), "not JSON"),
				Arguments.of("{ \"%s\": {} }".formatted("a".repeat(100_000)), "not JSON"),
				Arguments.of("{ \"a\": { \"input_cost_per_token\": \"%s\" } }".formatted("1".repeat(100_000)),
						"'input_cost_per_token' must be a number"),
				Arguments.of("{ \"prices\": [ { %s, \"input\": 3 } ] }".formatted(entry), "Duplicate"),
				Arguments.of("{ \"prices\": [ { %s } ] } {}".formatted(entry), "one JSON object and nothing else"),
				Arguments
					.of("{ \"prices\": [ { %s, \"longContext\": [ { \"above\": 1000000000000000000000000000000 } ] } ] }"
						.formatted(entry), "'above' must be a number of tokens"),
				Arguments.of("{ \"prices\": [ { %s, \"serviceTiers\": 2 } ] }".formatted(entry),
						"'serviceTiers' must be an object"),
				Arguments.of("{ \"prices\": [ { %s, \"serviceTiers\": { \"flex\": \"half\" } } ] }".formatted(entry),
						"'flex' must be a number"),
				Arguments.of(
						"{ \"prices\": [ { %s, \"serviceTiers\": { \"flex\": { \"input\": 1 } } } ] }".formatted(entry),
						"'output' is missing"),
				Arguments.of("{ \"prices\": [ { %s, \"speeds\": { \"fast\": -1 } } ] }".formatted(entry),
						"must not be negative"),
				Arguments.of("{ \"prices\": [ { %s, \"webSearch\": -1 } ] }".formatted(entry), "must not be negative"),
				Arguments.of("{ \"prices\": [ { %s, \"currency\": \"XXX\" } ] }".formatted(entry), "'XXX'"));
	}

	@Test
	void refusesAFolder(@TempDir Path folder) {
		assertThatExceptionOfType(InvalidPriceException.class).isThrownBy(() -> read(new FileSystemResource(folder)))
			.withMessageContaining("This is a folder");
		assertThatExceptionOfType(InvalidPriceException.class)
			.isThrownBy(() -> read(new DefaultResourceLoader().getResource(folder.toUri().toString())))
			.withMessageContaining("This is a folder");
	}

	@Test
	void readsAFile(@TempDir Path folder) throws IOException {
		Path file = Files.writeString(folder.resolve("prices.json"),
				"{ \"a\": { \"input_cost_per_token\": 1, \"output_cost_per_token\": 1 } }");
		assertThat(read(new FileSystemResource(file)).prices()).containsOnlyKeys("a");
		assertThat(read(new DefaultResourceLoader().getResource(file.toUri().toString())).prices())
			.containsOnlyKeys("a");
	}

	@Test
	void refusesWhatIsNoRegularFile() {
		assertThatExceptionOfType(InvalidPriceException.class)
			.isThrownBy(() -> read(new FileSystemResource("/dev/zero")))
			.withMessageContaining("not a regular file");
	}

	@Test
	void refusesAnEndlessFile() {
		Resource endless = new AbstractResource() {

			@Override
			public String getDescription() {
				return "endless";
			}

			@Override
			public InputStream getInputStream() {
				return new InputStream() {

					@Override
					public int read() {
						return ' ';
					}

				};
			}

		};
		assertThatExceptionOfType(InvalidPriceException.class).isThrownBy(() -> read(endless))
			.withMessageContaining("more than 32 MB");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://prices.example/prices.json", "ftp://prices.example/prices.json",
			"jar:https://prices.example/prices.jar!/prices.json", "file://prices.example/prices.json" })
	void refusesAddressesOnTheNetwork(String location) throws MalformedURLException {
		assertThatExceptionOfType(InvalidPriceException.class)
			.isThrownBy(() -> read(new DefaultResourceLoader().getResource(location)))
			.withMessageContaining("not fetched from the network");
	}

	@Test
	@Timeout(value = 5, threadMode = ThreadMode.SEPARATE_THREAD)
	void doesNotWaitForAServerThatNeverAnswers() throws IOException {
		try (ServerSocket server = new ServerSocket(0)) {
			String location = "http://localhost:%d/prices.json".formatted(server.getLocalPort());
			assertThatExceptionOfType(InvalidPriceException.class)
				.isThrownBy(() -> read(new DefaultResourceLoader().getResource(location)))
				.withMessageContaining("not fetched from the network");
		}
	}

	@Test
	void prefersTheKeyThatNamesTheProvider(CapturedOutput output) {
		String plain = "\"deepseek-chat\": " + liteLlm("deepseek", "1e-6");
		String qualified = "\"deepseek/deepseek-chat\": " + liteLlm("deepseek", "2e-6");
		for (String content : List.of(plain + ", " + qualified, qualified + ", " + plain)) {
			assertThat(input(read(json("{ " + content + " }")), "deepseek-chat", "deepseek")).isEqualTo("2");
		}
		assertThat(output).doesNotContain("Different prices");
	}

	@Test
	void saysWhatContradictsItself(CapturedOutput output) {
		assertThat(input(read(
				json("{ \"xai/m\": %s, \"x_ai/m\": %s }".formatted(liteLlm("xai", "1e-6"), liteLlm("x_ai", "2e-6")))),
				"m", "x_ai"))
			.isEqualTo("2");
		assertThat(output).containsOnlyOnce("'xai/m' and 'x_ai/m'");
		read(json("{ \"twice\": %s, \"twice\": %s }".formatted(liteLlm("xai", "1e-6"), liteLlm("xai", "2e-6"))));
		assertThat(output).containsOnlyOnce("'twice'");
		read(json("{ \"same\": %s, \"same\": %s }".formatted(liteLlm("xai", "1e-6"), liteLlm("xai", "1.0e-6"))));
		assertThat(output).doesNotContain("'same'");
	}

	@Test
	void saysWhichOwnEntriesContradictEachOther(CapturedOutput output) {
		String entry = "{ \"provider\": \"p\", \"models\": [ \"%s\" ], \"input\": %d, \"output\": 2 %s }";
		read(json("{ \"prices\": [ %s, %s, %s, %s ] }".formatted(entry.formatted("twice", 1, ""),
				entry.formatted("twice", 2, ""), entry.formatted("apart", 1, ", \"validTo\": \"2026-01-31\""),
				entry.formatted("apart", 2, ", \"validFrom\": \"2026-02-01\""))));
		assertThat(output).containsOnlyOnce("'p/twice'").doesNotContain("apart");
	}

	@Test
	void readsTheFactorsAndFeesOfLiteLlm() {
		ModelPrice price = read(json("""
				{ "claude-x": { "litellm_provider": "anthropic", "mode": "chat",
				"input_cost_per_token": 5e-06, "output_cost_per_token": 2.5e-05,
				"provider_specific_entry": { "us": 1.1, "fast": 2.0 },
				"search_context_cost_per_query": { "search_context_size_low": 0.01,
				"search_context_size_medium": 0.01, "search_context_size_high": 0.01 } } }""")).prices()
			.get("claude-x")
			.get("anthropic")
			.get(0);
		assertThat(price.variants().inferenceRegions().get("us").factor()).isEqualByComparingTo("1.1");
		assertThat(price.variants().speeds().get("fast").factor()).isEqualByComparingTo("2");
		assertThat(price.variants().webSearch()).isEqualByComparingTo("10");
	}

	@Test
	void readsTheTiersAndAudioPricesOfLiteLlm() {
		ModelPrice price = read(json("""
				{ "gpt-x": { "litellm_provider": "openai",
				"input_cost_per_token": 5e-06, "output_cost_per_token": 3e-05, "cache_read_input_token_cost": 5e-07,
				"input_cost_per_audio_token": 4e-05, "output_cost_per_audio_token": 8e-05,
				"input_cost_per_token_above_272k_tokens": 1e-05,
				"input_cost_per_token_flex": 2.5e-06, "output_cost_per_token_flex": 1.5e-05,
				"cache_read_input_token_cost_flex": 2.5e-07,
				"input_cost_per_token_priority": 1e-05, "output_cost_per_token_priority": 6e-05,
				"input_cost_per_token_above_272k_tokens_priority": 2e-05,
				"search_context_cost_per_query": { "search_context_size_low": 0.03,
				"search_context_size_high": 0.05 } } }""")).prices().get("gpt-x").get("openai").get(0);
		assertThat(price.rates().audioInput()).isEqualByComparingTo("40");
		assertThat(price.rates().audioOutput()).isEqualByComparingTo("80");
		TokenRates flex = price.variants().serviceTiers().get("flex").rates();
		assertThat(flex).isNotNull();
		assertThat(flex.input()).isEqualByComparingTo("2.5");
		assertThat(flex.cacheRead()).isEqualByComparingTo("0.25");
		PriceVariant priority = price.variants().serviceTiers().get("priority");
		assertThat(priority.longContext().get(272_000L).input()).isEqualByComparingTo("20");
		assertThat(priority.rates()).isNotNull().satisfies((rates) -> assertThat(rates.cacheRead()).isNull());
		assertThat(price.variants().webSearch()).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"mode\": \"image_generation\"", "\"input_cost_per_request\": 0.005",
			"\"litellm_provider\": \"perplexity\", \"search_context_cost_per_query\": { \"search_context_size_low\": 0.005 }" })
	void leavesOutWhatIsNotSoldByTokensAlone(String field) {
		String entry = "{ \"input_cost_per_token\": 1, \"output_cost_per_token\": 1, %s }";
		assertThat(read(json(
				"{ \"a\": %s, \"b\": %s }".formatted(entry.formatted(field), entry.formatted("\"mode\": \"chat\""))))
			.prices()).containsOnlyKeys("b");
	}

	@Test
	void leavesOutCloudModelsOfOllamaThatLiteLlmListsAsFree() {
		assertThat(read(json("{ \"ollama/m:120b-cloud\": %s, \"ollama/m:120b\": %s, \"ollama/paid-cloud\": %s }"
			.formatted(liteLlm("ollama", "0"), liteLlm("ollama", "0"), liteLlm("ollama", "1e-6")))).prices())
			.containsOnlyKeys("m:120b", "paid-cloud");
	}

	private static PriceFile read(Resource file) {
		return PriceFile.read(file, ProviderNames::nameOf);
	}

	private static String input(PriceFile file, String model, String provider) {
		return file.prices().get(model).get(provider).get(0).rates().input().toPlainString();
	}

	private static String liteLlm(String provider, String price) {
		return "{ \"litellm_provider\": \"%s\", \"input_cost_per_token\": %s, \"output_cost_per_token\": %s }"
			.formatted(provider, price, price);
	}

	private static Resource json(String content) {
		return new ByteArrayResource(content.getBytes(StandardCharsets.UTF_8));
	}

}
