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
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;

import org.springframework.util.FileSystemUtils;

/**
 * What an application needs outside of it: a folder for the ledger, a Redis of its own
 * for the budgets.
 */
final class Stores implements AutoCloseable {

	private final Path folder;

	private final int port;

	private final @Nullable RedisServer redis;

	Stores(Extent extent) {
		try {
			this.folder = Files.createTempDirectory("benchmarks");
			this.port = freePort();
			this.redis = (extent == Extent.REDIS) ? start(this.port) : null;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static RedisServer start(int port) throws IOException {
		RedisServer server = RedisServer.newRedisServer()
			.port(port)
			.setting("save \"\"")
			.setting("appendonly no")
			.build();
		server.start();
		return server;
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	List<String> properties() {
		return List.of("token-counter.ledger.spool.directory=" + this.folder, "spring.data.redis.port=" + this.port);
	}

	boolean hasRedis() {
		return this.redis != null;
	}

	@Override
	public void close() {
		try {
			if (this.redis != null) {
				this.redis.stop();
			}
			FileSystemUtils.deleteRecursively(this.folder);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
