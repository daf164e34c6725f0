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

package io.tokencounter.summary;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.TokenCall;
import io.tokencounter.attribution.CallerScopes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SummaryFileTests {

	@TempDir
	Path folder;

	private final UsageAggregator usage = new UsageAggregator("file", 10, 10, List.of());

	private final DefaultTokenSession session = new DefaultTokenSession("file", this.usage,
			new CallerScopes(() -> ObservationRegistry.NOOP, List::of).openSession("file", this.usage), (response) -> {
			});

	@AfterEach
	void closeSession() {
		this.session.close();
	}

	@Test
	void writesTheSummary() throws IOException {
		Path file = this.folder.resolve("summary.json");
		this.session.writeJson(file);
		assertThat(file).hasContent(this.session.summary().toJson());
		assertThat(files()).containsExactly("summary.json");
	}

	@Test
	void replacesAnOlderFile() throws IOException {
		Path file = Files.writeString(this.folder.resolve("summary.json"), "old".repeat(10_000));
		this.session.writeJson(file);
		assertThat(file).hasContent(this.session.summary().toJson());
		assertThat(files()).containsExactly("summary.json");
	}

	@Test
	void tellsOfAMissingFolder() throws IOException {
		Path file = this.folder.resolve("missing").resolve("summary.json");
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> this.session.writeJson(file))
			.withMessageContaining("session 'file'")
			.withMessageContaining(file.toString());
		assertThat(files()).isEmpty();
	}

	@Test
	void leavesAFolderInPlaceOfTheFile() throws IOException {
		Path file = Files.createDirectory(this.folder.resolve("summary.json"));
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> this.session.writeJson(file))
			.withMessageContaining(file.toString());
		assertThat(file).isEmptyDirectory();
		assertThat(files()).containsExactly("summary.json");
	}

	@Test
	void writesAFileOfTheLongestNameThereIs() throws IOException {
		Path file = Files.writeString(this.folder.resolve("s".repeat(255)), "old");
		this.session.writeJson(file);
		assertThat(file).hasContent(this.session.summary().toJson());
		assertThat(files()).hasSize(1);
	}

	@Test
	void keepsTheModeOfAnOlderFile() throws IOException {
		Path file = Files.writeString(this.folder.resolve("summary.json"), "old");
		for (String mode : List.of("rw-------", "rw-r-----", "rw-rw-rw-")) {
			Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
			this.session.writeJson(file);
			assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo(mode);
		}
	}

	@Test
	void knowsNoCallBeforeTheFirst() {
		TokenCall call = this.session.lastCall();
		assertThat(call).isNull();
		assertThat(this.session).hasToString(this.session.summary().toString());
	}

	private Stream<String> files() throws IOException {
		try (Stream<Path> files = Files.list(this.folder)) {
			return files.map((file) -> file.getFileName().toString()).toList().stream();
		}
	}

}
