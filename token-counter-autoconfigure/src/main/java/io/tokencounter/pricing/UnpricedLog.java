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

package io.tokencounter.pricing;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.tokencounter.TokenCall;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Says why calls have no cost, once for each reason. Names of models can be made up, so
 * only some are named.
 */
final class UnpricedLog {

	static final int MAX_WARNINGS = 50;

	private static final Log logger = LogFactory.getLog(TokenPricer.class);

	private final Set<String> said = ConcurrentHashMap.newKeySet();

	/**
	 * Say that a model has no price.
	 */
	void modelWithoutPrice(String provider, String model) {
		say(("No price is known for %s, so its calls have no cost and its tokens are counted in"
				+ " 'llm.tokens.unpriced'. A price can be given with 'token-counter.pricing.models[%s/%s].input' and"
				+ " '.output'.")
			.formatted(describe(provider, model), clean(provider), clean(model)));
	}

	/**
	 * Say that a model has a price, but not for such calls.
	 */
	void callWithoutPrice(String provider, String model, String unknown) {
		say(("No price is known for %s of %s, so such calls have no cost and their tokens are counted in"
				+ " 'llm.tokens.unpriced'. A price can be given in a file with 'token-counter.pricing.catalog'.")
			.formatted(clean(unknown), describe(provider, model)));
	}

	private void say(String line) {
		if (this.said.size() < MAX_WARNINGS && this.said.add(line)) {
			boolean last = this.said.size() == MAX_WARNINGS;
			logger.warn(last ? line + " Further ones are named at debug level." : line);
		}
		else if (logger.isDebugEnabled()) {
			logger.debug(line);
		}
	}

	private static String describe(String provider, String model) {
		return "model '%s' of provider '%s'".formatted(clean(model), clean(provider));
	}

	// Names come from users and providers: no line breaks, control or formatting
	// characters, and not too long
	private static String clean(String name) {
		String cut = (name.length() <= TokenCall.MAX_NAME) ? name : name.substring(0, TokenCall.MAX_NAME);
		return cut.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "\uFFFD");
	}

}
