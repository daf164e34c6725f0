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

package io.tokencounter.attribution;

import org.jspecify.annotations.Nullable;

/**
 * The scopes that a thread is in. They can be left in any order: what has been left, or
 * is over, is never current again.
 */
final class ThreadScopes {

	private static final ThreadLocal<@Nullable Entry> TOP = new ThreadLocal<>();

	private ThreadScopes() {
	}

	static @Nullable CallerScope current() {
		Entry top = top();
		return (top != null) ? top.scope : null;
	}

	/**
	 * Enter a scope on the current thread.
	 * @return the entry, to be left
	 */
	static Entry enter(CallerScope scope) {
		return push(scope, false);
	}

	/**
	 * Enter what was propagated from another thread, {@code null} for no scope.
	 */
	static void enterPropagated(@Nullable CallerScope scope) {
		push(scope, true);
	}

	/**
	 * Leave what was propagated last.
	 */
	static void leavePropagated() {
		for (Entry entry = top(); entry != null; entry = entry.below) {
			if (entry.propagated && !entry.left) {
				entry.leave();
				return;
			}
		}
	}

	private static Entry push(@Nullable CallerScope scope, boolean propagated) {
		Entry entry = new Entry(scope, propagated, top());
		TOP.set(entry);
		return entry;
	}

	private static @Nullable Entry top() {
		Entry top = TOP.get();
		Entry current = top;
		while (current != null && current.isGone()) {
			current = current.below;
		}
		if (current != top) {
			if (current != null) {
				TOP.set(current);
			}
			else {
				TOP.remove();
			}
		}
		return current;
	}

	/**
	 * A scope that was entered. It holds nothing that a session that nobody closes holds.
	 */
	static final class Entry {

		private @Nullable CallerScope scope;

		private final boolean propagated;

		private final @Nullable Entry below;

		private volatile boolean left;

		private Entry(@Nullable CallerScope scope, boolean propagated, @Nullable Entry below) {
			this.scope = scope;
			this.propagated = propagated;
			this.below = below;
		}

		/**
		 * Leave the scope. What was entered in it and is still open is no longer inside
		 * of it. On another thread than the one that entered it this is not possible.
		 */
		void leave() {
			if (this.left || !isOnThisThread()) {
				return;
			}
			this.left = true;
			for (Entry inner = TOP.get(); inner != null && inner != this; inner = inner.below) {
				if (this.scope != null && inner.scope != null) {
					inner.scope = inner.scope.without(this.scope.caller());
				}
			}
			top();
		}

		private boolean isOnThisThread() {
			for (Entry entry = TOP.get(); entry != null; entry = entry.below) {
				if (entry == this) {
					return true;
				}
			}
			return false;
		}

		private boolean isGone() {
			return this.left || (this.scope != null && this.scope.caller().isOver());
		}

	}

}
