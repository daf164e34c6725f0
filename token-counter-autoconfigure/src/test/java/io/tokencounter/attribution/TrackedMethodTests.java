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

package io.tokencounter.attribution;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.tokencounter.TrackTokens;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.ConnectableFlux;
import reactor.core.publisher.Flux;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class TrackedMethodTests {

	@Test
	void readsParametersRecordsMapsAndBeans() {
		assertThat(method("values").tags(new Object[] { "acme", new User("bob", 42), Map.of("region", "eu"),
				new Account("gold"), List.of("x") }))
			.containsExactly(Map.entry("tenant", "acme"), Map.entry("user", "bob-42"), Map.entry("region", "eu"),
					Map.entry("account", "gold"), Map.entry("first", "x"), Map.entry("fixed", "yes"),
					Map.entry("position", "acme"));
	}

	@Test
	void leavesOutNullAndBlankValues(CapturedOutput output) {
		assertThat(method("nullable").tags(new Object[] { null, " " })).isEmpty();
		assertThat(output).doesNotContain("WARN");
	}

	@Test
	void leavesOutTagsOfMissingParameters() {
		assertThat(method("missing").tags(new Object[] { "acme" })).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "assigns", "writesMap", "asksBean", "asksType", "constructs", "callsMethod", "failsToRead",
			"failsToPrint" })
	void isReadOnlyAndNeverThrows(String name, CapturedOutput output) {
		Account account = new Account("gold");
		Map<String, String> map = new HashMap<>(Map.of("key", "before"));
		TrackedMethod method = method(name);
		assertThat(method.tags(new Object[] { account, map })).containsExactly(Map.entry("good", "yes"));
		assertThat(method.tags(new Object[] { account, map })).containsOnlyKeys("good");
		assertThat(account.getName()).isEqualTo("gold");
		assertThat(map).containsExactly(Map.entry("key", "before"));
		assertThat(output.getOut().split("Tag 'bad' of", -1)).as("Warnings").hasSize(2);
	}

	@Test
	void leavesOutTagsThatAreNone(CapturedOutput output) {
		assertThat(method("malformed").tags(new Object[0])).containsExactly(Map.entry("good", "a=b"));
		assertThat(output).contains("Tag 'none' of").contains("Tag '=none' of").contains("Tag 'open' of");
	}

	@Test
	void hasTheNamesOfTypeAndMethodByDefault() {
		assertThat(method("nullable").feature()).isEqualTo("Annotated.nullable");
	}

	@Test
	void isFoundBehindAGenericType() throws Exception {
		Method bridge = Arrays.stream(GenericImplementation.class.getDeclaredMethods())
			.filter(Method::isBridge)
			.findAny()
			.orElseThrow();
		TrackedMethod method = TrackedMethod.of(bridge, GenericImplementation.class);
		assertThat(method).isNotNull();
		assertThat(method.tags(new Object[] { "acme" })).containsEntry("tenant", "acme");
		assertThat(method.returnsPublisher()).isTrue();
	}

	@Test
	void knowsWhichPublishersCanBeReturned() {
		assertThat(method("connectable").returnsPublisher()).isFalse();
		assertThat(method("connectable").canReturn(Flux.class)).isFalse();
		assertThat(method("anything").returnsPublisher()).isFalse();
		assertThat(method("anything").canReturn(Flux.class)).isTrue();
	}

	@Test
	void isNoneWithoutAnnotation() throws Exception {
		assertThat(TrackedMethod.of(Object.class.getMethod("notify"), Object.class)).isNull();
	}

	private static TrackedMethod method(String name) {
		Method method = Arrays.stream(Annotated.class.getDeclaredMethods())
			.filter((candidate) -> candidate.getName().equals(name))
			.findAny()
			.orElseThrow();
		TrackedMethod tracked = TrackedMethod.of(method, Annotated.class);
		assertThat(tracked).isNotNull();
		return tracked;
	}

	/**
	 * Annotated methods.
	 */
	static class Annotated {

		@TrackTokens(tags = { "tenant=#{#tenant}", "user=#{#user.name}-#{#user.age}", "region=#{#map['region']}",
				"account=#{#account.name}", "first=#{#list[0]}", "fixed=yes", "position=#{#p0}" })
		void values(String tenant, User user, Map<String, String> map, Account account, List<String> list) {
		}

		@TrackTokens(tags = { "tenant=#{#tenant}", "user=#{#user}" })
		void nullable(@Nullable String tenant, String user) {
		}

		@TrackTokens(tags = { "tenant=#{#tennant}" })
		void missing(String tenant) {
		}

		@TrackTokens(tags = { "bad=#{#account.name = 'silver'}", "good=yes" })
		void assigns(Account account, Map<String, String> map) {
		}

		@TrackTokens(tags = { "bad=#{#map['key'] = 'after'}", "good=yes" })
		void writesMap(Account account, Map<String, String> map) {
		}

		@TrackTokens(tags = { "bad=#{@account}", "good=yes" })
		void asksBean(Account account, Map<String, String> map) {
		}

		@TrackTokens(tags = { "bad=#{T(java.lang.System).getenv()}", "good=yes" })
		void asksType(Account account, Map<String, String> map) {
		}

		@TrackTokens(tags = { "bad=#{new java.io.File('/')}", "good=yes" })
		void constructs(Account account, Map<String, String> map) {
		}

		@TrackTokens(tags = { "bad=#{#account.toString()}", "good=yes" })
		void callsMethod(Account account, Map<String, String> map) {
		}

		@TrackTokens(tags = { "bad=#{#account.broken}", "good=yes" })
		void failsToRead(Account account, Map<String, String> map) {
		}

		@TrackTokens(tags = { "bad=#{#account}", "good=yes" })
		void failsToPrint(Account account, Map<String, String> map) {
		}

		@TrackTokens(tags = { "none", "=none", "open=#{#p0", "good=a=b" })
		void malformed() {
		}

		@TrackTokens
		ConnectableFlux<String> connectable() {
			return Flux.<String>empty().publish();
		}

		@TrackTokens
		Object anything() {
			return "";
		}

	}

	/**
	 * A generic type.
	 *
	 * @param <T> the type of the result
	 */
	interface Generic<T> {

		T get(String tenant);

	}

	/**
	 * Has a bridge method.
	 */
	static class GenericImplementation implements Generic<Flux<String>> {

		@Override
		@TrackTokens(tags = "tenant=#{#tenant}")
		public Flux<String> get(String tenant) {
			return Flux.just(tenant);
		}

	}

	/**
	 * A record.
	 *
	 * @param name the name
	 * @param age the age
	 */
	public record User(String name, int age) {

	}

	/**
	 * A bean.
	 */
	public static class Account {

		private String name;

		Account(String name) {
			this.name = name;
		}

		public String getName() {
			return this.name;
		}

		public void setName(String name) {
			this.name = name;
		}

		public String getBroken() {
			throw new IllegalArgumentException("Broken");
		}

		@Override
		public String toString() {
			throw new IllegalArgumentException("Not to be printed");
		}

	}

}
