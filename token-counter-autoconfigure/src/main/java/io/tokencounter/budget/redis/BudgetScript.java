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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

import org.springframework.core.io.ClassPathResource;
import org.springframework.data.redis.core.script.RedisScript;

/**
 * The scripts that Redis runs, each of them in one step.
 */
enum BudgetScript {

	RESERVE, CHARGE, RELEASE, DUE, WINDOWS, EXPIRE, READ, NEAREST, MARK, RAISE;

	@SuppressWarnings("rawtypes")
	private final RedisScript<List> script = RedisScript.of(read("common") + read(name().toLowerCase(Locale.ROOT)),
			List.class);

	@SuppressWarnings("rawtypes")
	RedisScript<List> script() {
		return this.script;
	}

	private static String read(String name) {
		try {
			return new ClassPathResource(name + ".lua", BudgetScript.class).getContentAsString(StandardCharsets.UTF_8)
					+ "\n";
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
