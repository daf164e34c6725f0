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

package io.tokencounter.provider;

import java.util.Optional;

import io.tokencounter.TokenUsage;
import io.tokencounter.support.FaultLog;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link TokenUsage} of counts that do not have to agree with each other.
 * Whatever goes in, what comes out holds the invariants of {@code TokenUsage}.
 */
final class UsageNormalizer {

	/**
	 * No call has so many tokens. Sums of a thousand such calls do not overflow, and the
	 * numbers of JSON and of Lua hold them exactly.
	 */
	static final long MAX_COUNT = 1L << 53;

	private final FaultLog problems;

	UsageNormalizer(FaultLog problems) {
		this.problems = problems;
	}

	/**
	 * Return a count as it can be reckoned with: not negative, and not so large that a
	 * sum overflows.
	 * @param value the count as it is reported, which may be missing
	 * @return the count, zero for a missing one
	 */
	long count(@Nullable Number value) {
		if (value == null) {
			return 0;
		}
		// The conversion of a double saturates, that of a BigInteger wraps around
		return count(
				(value instanceof Integer || value instanceof Long) ? value.longValue() : (long) value.doubleValue());
	}

	/**
	 * Return a count as it can be reckoned with.
	 * @param count the count as it is reported
	 * @return the count
	 */
	long count(long count) {
		if (count < 0) {
			this.problems.log("A usage has a negative token count, which is taken as zero", null);
			return 0;
		}
		if (count > MAX_COUNT) {
			this.problems.log("A usage has an impossibly large token count, which is cut off", null);
			return MAX_COUNT;
		}
		return count;
	}

	/**
	 * Return a count as it can be reckoned with.
	 * @param value the count as it is reported, which may be missing
	 * @return the count, zero for a missing one
	 */
	long count(Optional<? extends Number> value) {
		return count(value.orElse(null));
	}

	/**
	 * Return the usage where the provider also reports a total, which then is the judge
	 * of what is part of what:
	 * <ul>
	 * <li>If it is larger than prompt and completion by just the cache tokens, these come
	 * on top of the prompt.</li>
	 * <li>If it is larger otherwise, the rest is output: reasoning that comes on top of
	 * the completion (xAI), or tokens of which nothing else is said (thoughts, at
	 * Gemini's OpenAI-compatible endpoint). The latter are not called reasoning.</li>
	 * <li>If it is not, but there are more reasoning than completion tokens, these still
	 * come on top (Perplexity).</li>
	 * <li>If it is smaller, it is wrong, and the parts are believed.</li>
	 * </ul>
	 * @param prompt the prompt tokens
	 * @param completion the completion tokens
	 * @param total the total, zero if it is not known
	 * @param cacheRead the tokens read from a cache
	 * @param cacheWrite the tokens written to a cache
	 * @param cacheApart whether the prompt tokens are known to leave out the cache tokens
	 * @param reasoning the reasoning tokens
	 * @return the usage
	 */
	TokenUsage usage(long prompt, long completion, long total, long cacheRead, long cacheWrite, boolean cacheApart,
			long reasoning) {
		long cache = cacheRead + cacheWrite;
		long rest = total - prompt - completion;
		boolean restIsCache = (cache > 0) && (rest == cache) && (rest != reasoning);
		long input = (cacheApart || restIsCache) ? prompt + cache : prompt;
		long output = (reasoning > completion) ? completion + reasoning : completion;
		if (total > 0 && rest < 0) {
			this.problems.log("A usage has a total smaller than the sum of its parts, which is ignored", null);
		}
		return usage(input, Math.max(output, total - input), cacheRead, cacheWrite, reasoning);
	}

	/**
	 * Return the usage of input and output that include their parts. All zero means that
	 * nothing was said: clients put zeros where a provider reports no usage, and no
	 * provider processes a prompt without tokens.
	 * @param input the input tokens, cache tokens included
	 * @param output the output tokens, reasoning included
	 * @param cacheRead the tokens read from a cache
	 * @param cacheWrite the tokens written to a cache
	 * @param reasoning the reasoning tokens
	 * @return the usage
	 */
	TokenUsage usage(long input, long output, long cacheRead, long cacheWrite, long reasoning) {
		if (input == 0 && output == 0) {
			return TokenUsage.unreported();
		}
		long read = part(cacheRead, input);
		long write = part(cacheWrite, input - read);
		return new TokenUsage(input, output, read, write, part(reasoning, output), true);
	}

	private long part(long part, long whole) {
		if (part <= whole) {
			return part;
		}
		this.problems.log("A usage has more cache or reasoning tokens than tokens, which are cut off", null);
		return whole;
	}

}
