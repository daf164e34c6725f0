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

package io.tokencounter;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.ai.chat.model.ChatResponse;

/**
 * Counts the calls made within it. Open one with {@link TokenCounter#openSession(String)}
 * in a try-with-resources statement.
 * <p>
 * A session can be asked after it was closed, and from any thread. A call belongs to the
 * session in which it was made, even if it ends later. Where the end of a stream was
 * delivered and its call is not counted yet, {@link #lastCall()}, {@link #summary()},
 * {@link #reset()} and {@link #close()} wait for it, half a second at the most and never
 * on a thread that must not block.
 * <p>
 * A session that nobody closes sees no more calls once nobody holds it. One that is
 * closed on another thread, or after the method that opened it has returned, harms
 * nobody.
 *
 * @since 0.1.0
 */
public interface TokenSession extends AutoCloseable {

	/**
	 * Return the name of this session.
	 * @return the name
	 */
	String name();

	/**
	 * Return the call that ended last.
	 * @return the call, {@code null} before the first one. After a failed call its usage
	 * is {@linkplain TokenUsage#unreported() unreported}, with zeros, and its
	 * {@linkplain TokenCall#model() model} the one that was asked for
	 */
	@Nullable TokenCall lastCall();

	/**
	 * Count a response of a model that Spring does not manage. Not for a response of a
	 * model that is counted anyway.
	 * @param response the response
	 */
	void record(ChatResponse response);

	/**
	 * Return what was counted in this session since it was opened or reset.
	 * @return a consistent snapshot
	 */
	UsageSummary summary();

	/**
	 * Start anew.
	 * @return what was counted until then
	 */
	UsageSummary reset();

	/**
	 * Write the summary as JSON. The file is replaced as a whole: if that fails, what was
	 * there before is still there.
	 * @param file the file
	 * @throws UncheckedIOException if the file could not be written
	 */
	void writeJson(Path file);

	/**
	 * Hand the summary to an action when the session is closed, for example
	 * {@code onClose((summary) -> logger.info(summary.toString()))}. All actions are
	 * carried out; what the first one throws is thrown by {@link #close()}.
	 * @param action the action
	 * @return this session
	 */
	TokenSession onClose(Consumer<? super UsageSummary> action);

	/**
	 * Carry this session to another thread.
	 * @param task the task that makes calls
	 * @return a task whose calls belong to this session
	 */
	Runnable carry(Runnable task);

	/**
	 * Carry this session to another thread.
	 * @param <T> the type of the result
	 * @param task the task that makes calls
	 * @return a task whose calls belong to this session
	 */
	<T> Callable<T> carry(Callable<T> task);

	/**
	 * Carry this session into a stream.
	 * @param <T> the type of the elements
	 * @param stream the stream that makes calls
	 * @return a stream whose calls belong to this session
	 */
	<T> Flux<T> carry(Flux<T> stream);

	/**
	 * Carry this session into a stream.
	 * @param <T> the type of the element
	 * @param stream the stream that makes calls
	 * @return a stream whose calls belong to this session
	 */
	<T> Mono<T> carry(Mono<T> stream);

	/**
	 * Close this session: calls made from now on are not in it, wherever it was carried
	 * to. Closing it again has no effect.
	 */
	@Override
	void close();

}
