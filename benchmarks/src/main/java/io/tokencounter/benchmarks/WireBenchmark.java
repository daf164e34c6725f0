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

package io.tokencounter.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import io.tokencounter.wire.UsageInterceptor;
import io.tokencounter.wire.WireAnswers;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.Okio;
import okio.Source;
import okio.Timeout;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it takes to read one chunk of a stream, of 200 bytes, with and without somebody
 * who looks at it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class WireBenchmark {

	private static final byte[] CHUNK = chunk();

	@Param({ "false", "true" })
	private boolean heard;

	private BufferedSource source = new Buffer();

	private static byte[] chunk() {
		String chunk = "data: {\"id\":\"chatcmpl-made-up-0002\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,"
				+ "\"model\":\"gpt-madeup\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}],"
				+ "\"usage\":null}\n\n";
		int room = 200 - chunk.formatted("").length();
		return chunk.formatted("x".repeat(room)).getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * Ask for an answer that does not end.
	 */
	@Setup
	public void ask() throws IOException {
		OkHttpClient.Builder client = new OkHttpClient.Builder();
		if (this.heard) {
			client.addInterceptor(new UsageInterceptor(new WireAnswers(), () -> null));
		}
		client.addInterceptor(WireBenchmark::answer);
		Request request = new Request.Builder().url("http://localhost/v1/chat/completions").build();
		this.source = client.build().newCall(request).execute().body().source();
	}

	private static Response answer(Interceptor.Chain chain) {
		return new Response.Builder().request(chain.request())
			.protocol(Protocol.HTTP_1_1)
			.code(200)
			.message("OK")
			.body(new EndlessBody())
			.build();
	}

	/**
	 * Read the next chunk.
	 */
	@Benchmark
	public void chunk200() throws IOException {
		this.source.skip(CHUNK.length);
	}

	/**
	 * Gives the same chunk again and again.
	 */
	private static final class EndlessBody extends ResponseBody {

		private final BufferedSource source = Okio.buffer(new Source() {

			@Override
			public long read(Buffer sink, long byteCount) {
				sink.write(CHUNK);
				return CHUNK.length;
			}

			@Override
			public Timeout timeout() {
				return Timeout.NONE;
			}

			@Override
			public void close() {
				// Nothing to close
			}

		});

		@Override
		public @Nullable MediaType contentType() {
			return MediaType.get("text/event-stream");
		}

		@Override
		public long contentLength() {
			return -1;
		}

		@Override
		public BufferedSource source() {
			return this.source;
		}

	}

}
