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

package io.tokencounter.budget;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import io.tokencounter.TokenCall;
import io.tokencounter.testsupport.Conditions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BudgetBackground}.
 */
class BudgetBackgroundTests {

	@Test
	void goesOnWhereAContextThatWasStoppedStartsAgain() {
		Duration holdTimeout = Duration.ofMillis(20);
		MemoryBudgetStore store = new MemoryBudgetStore(holdTimeout, InstantSource.system());
		BudgetKey key = new BudgetKey("all", null, "forever", null);
		Amounts one = new Amounts(1, 1, 1);
		BudgetBackground background = new BudgetBackground();
		background.expireHoldsOf(store, holdTimeout);
		background.start();
		background.stop();
		background.start();
		AtomicBoolean done = new AtomicBoolean();
		background.execute(() -> done.set(true));
		Conditions.await("the task is done", done::get);
		store.reserve(TokenCall.nextId(),
				List.of(new BudgetClaim(key, one, one, new Amounts(Amounts.UNLIMITED, Amounts.UNLIMITED, 9), true)));
		Conditions.await("the hold expires", () -> store.read(List.of(key)).get(0).unresolved().equals(one));
		background.stop();
		assertThat(background.waiting()).isZero();
	}

}
