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

package io.tokencounter.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.time.Duration;

import redis.embedded.RedisServer;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * A real Redis of its own process.
 */
public final class LocalRedis implements AutoCloseable {

	private final int port;

	private RedisServer server;

	private final LettuceConnectionFactory connections;

	/**
	 * Start a server.
	 */
	public LocalRedis() {
		this.port = freePort();
		start();
		this.connections = connect(this.port);
	}

	/**
	 * Connect to a server, of this process or another one.
	 * @param port the port
	 * @return the connections
	 */
	public static LettuceConnectionFactory connect(int port) {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration("localhost", port));
		connections.afterPropertiesSet();
		connections.start();
		return connections;
	}

	/**
	 * Return the port.
	 * @return the port
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Start the server anew, without data.
	 */
	public void start() {
		try {
			this.server = RedisServer.newRedisServer()
				.port(this.port)
				.setting("save \"\"")
				.setting("appendonly no")
				.build();
			this.server.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Stop the server.
	 */
	public void stop() {
		try {
			this.server.stop();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Have the server answer nobody for some time, though it accepts connections.
	 * @param duration how long
	 */
	public void pause(Duration duration) {
		blocking().execute((RedisCallback<Object>) (connection) -> connection.execute("CLIENT", "PAUSE".getBytes(),
				Long.toString(duration.toMillis()).getBytes()), true);
	}

	/**
	 * Return a client.
	 * @return the client
	 */
	public StringRedisTemplate blocking() {
		return new StringRedisTemplate(this.connections);
	}

	/**
	 * Return a client.
	 * @return the client
	 */
	public ReactiveStringRedisTemplate reactive() {
		return new ReactiveStringRedisTemplate(this.connections);
	}

	@Override
	public void close() {
		this.connections.destroy();
		stop();
	}

	private static int freePort() {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
