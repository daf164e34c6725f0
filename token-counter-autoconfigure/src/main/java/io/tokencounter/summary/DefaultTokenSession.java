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
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import io.tokencounter.TokenCall;
import io.tokencounter.TokenSession;
import io.tokencounter.UsageSummary;
import io.tokencounter.attribution.OpenSession;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.util.ReflectionUtils;

/**
 * Default {@link TokenSession}.
 */
final class DefaultTokenSession implements TokenSession {

	private final String name;

	private final UsageAggregator usage;

	private final OpenSession scope;

	private final Consumer<ChatResponse> recorder;

	private final List<Consumer<? super UsageSummary>> closeActions = new CopyOnWriteArrayList<>();

	private final AtomicBoolean closed = new AtomicBoolean();

	/**
	 * Create a session.
	 * @param name the name of the session
	 * @param usage where its calls are added up
	 * @param scope where it is in effect
	 * @param recorder counts a response as made on the current thread
	 */
	DefaultTokenSession(String name, UsageAggregator usage, OpenSession scope, Consumer<ChatResponse> recorder) {
		this.name = name;
		this.usage = usage;
		this.scope = scope;
		this.recorder = recorder;
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public @Nullable TokenCall lastCall() {
		this.scope.awaitCounted();
		return this.usage.lastCall();
	}

	@Override
	public void record(ChatResponse response) {
		carry(() -> this.recorder.accept(response)).run();
	}

	@Override
	public UsageSummary summary() {
		this.scope.awaitCounted();
		return this.usage.summary();
	}

	@Override
	public UsageSummary reset() {
		this.scope.awaitCounted();
		return this.usage.reset();
	}

	@Override
	public void writeJson(Path file) {
		try {
			write(file.toAbsolutePath(), summary().toJson());
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The summary of session '" + this.name + "' could not be written to '" + file
					+ "', which is left as it was", ex);
		}
	}

	private static void write(Path file, String json) throws IOException {
		// Of a length of its own, as that of the file may already be all there can be
		Path written = file.resolveSibling(".tokens-" + UUID.randomUUID() + ".tmp");
		try {
			create(written, file);
			Files.write(written, json.getBytes(StandardCharsets.UTF_8));
			move(written, file);
		}
		finally {
			Files.deleteIfExists(written);
		}
	}

	/**
	 * Create a file that nobody can read who cannot read the one that it replaces.
	 */
	private static void create(Path file, Path replaced) throws IOException {
		PosixFileAttributeView view = Files.getFileAttributeView(replaced, PosixFileAttributeView.class);
		if (view == null || !Files.isRegularFile(replaced)) {
			Files.createFile(file);
			return;
		}
		Set<PosixFilePermission> mode = view.readAttributes().permissions();
		Files.createFile(file, PosixFilePermissions.asFileAttribute(mode));
		// The mask of the process may have taken some away
		Files.setPosixFilePermissions(file, mode);
	}

	private static void move(Path from, Path to) throws IOException {
		try {
			Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		}
		catch (AtomicMoveNotSupportedException ex) {
			Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
		}
	}

	@Override
	public TokenSession onClose(Consumer<? super UsageSummary> action) {
		this.closeActions.add(action);
		return this;
	}

	@Override
	public Runnable carry(Runnable task) {
		return () -> {
			Runnable leave = this.scope.enter();
			try {
				task.run();
			}
			finally {
				leave.run();
			}
		};
	}

	@Override
	public <T> Callable<T> carry(Callable<T> task) {
		return () -> {
			Runnable leave = this.scope.enter();
			try {
				return task.call();
			}
			finally {
				leave.run();
			}
		};
	}

	@Override
	public <T> Flux<T> carry(Flux<T> stream) {
		return this.scope.carry(stream);
	}

	@Override
	public <T> Mono<T> carry(Mono<T> stream) {
		return this.scope.carry(stream);
	}

	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		this.scope.close();
		UsageSummary summary = summary();
		Throwable failure = null;
		for (Consumer<? super UsageSummary> action : this.closeActions) {
			try {
				action.accept(summary);
			}
			catch (Throwable ex) {
				if (failure == null) {
					failure = ex;
				}
				else if (failure != ex) {
					failure.addSuppressed(ex);
				}
			}
		}
		if (failure != null) {
			ReflectionUtils.rethrowRuntimeException(failure);
		}
	}

	@Override
	public String toString() {
		return summary().toString();
	}

}
