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

import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer's context propagation carry whom calls belong to, with observations on
 * or off. Found by the {@link java.util.ServiceLoader}.
 *
 * @since 0.1.0
 */
public final class CallerScopeAccessor implements ThreadLocalAccessor<Object> {

	@Override
	public Object key() {
		return CallerScope.KEY;
	}

	@Override
	public @Nullable Object getValue() {
		return ThreadScopes.current();
	}

	@Override
	public void setValue(Object value) {
		ThreadScopes.enterPropagated((value instanceof CallerScope scope) ? scope : null);
	}

	@Override
	public void setValue() {
		ThreadScopes.enterPropagated(null);
	}

	@Override
	public void restore(Object previousValue) {
		ThreadScopes.leavePropagated();
	}

	@Override
	public void restore() {
		ThreadScopes.leavePropagated();
	}

}
