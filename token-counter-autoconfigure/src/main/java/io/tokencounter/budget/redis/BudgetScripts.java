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

package io.tokencounter.budget.redis;

import java.util.List;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * Runs scripts by the application's own client of Redis.
 *
 * @since 0.1.0
 */
public final class BudgetScripts {

	private final Runner runner;

	private BudgetScripts(Runner runner) {
		this.runner = runner;
	}

	/**
	 * Run scripts without blocking.
	 * @param template the client
	 * @return the scripts
	 */
	public static BudgetScripts of(ReactiveStringRedisTemplate template) {
		return new BudgetScripts((script, keys, args) -> template.execute(script.script(), keys, args).next());
	}

	/**
	 * Run scripts by a client that blocks, such as Jedis, on threads that may be blocked.
	 * @param template the client
	 * @return the scripts
	 */
	public static BudgetScripts of(StringRedisTemplate template) {
		return new BudgetScripts(
				(script, keys, args) -> Mono.fromCallable(() -> template.execute(script.script(), keys, args.toArray()))
					.subscribeOn(Schedulers.boundedElastic()));
	}

	/**
	 * Return the answer of a script.
	 */
	Mono<List<String>> run(BudgetScript script, List<String> keys, List<String> args) {
		return Mono.<Object>defer(() -> this.runner.run(script, keys, args))
			.map((answer) -> ((List<?>) answer).stream().map(String::valueOf).toList())
			.defaultIfEmpty(List.of());
	}

	@FunctionalInterface
	private interface Runner {

		Mono<? extends Object> run(BudgetScript script, List<String> keys, List<String> args);

	}

}
