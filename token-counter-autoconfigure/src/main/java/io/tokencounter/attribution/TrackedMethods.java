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

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.tokencounter.TrackTokens;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The tracked methods of an application, each read once.
 */
final class TrackedMethods {

	private static final Log logger = LogFactory.getLog(TrackedMethods.class);

	private final Map<MethodClassKey, Optional<TrackedMethod>> invoked = new ConcurrentHashMap<>();

	private final Map<MethodClassKey, Optional<TrackedMethod>> read = new ConcurrentHashMap<>();

	/**
	 * Return what is said of a method.
	 * @param method the method that is invoked, maybe that of an interface
	 * @param targetClass the class of the bean
	 * @return the method, {@code null} if it is not tracked
	 */
	@Nullable TrackedMethod get(Method method, Class<?> targetClass) {
		return this.invoked.computeIfAbsent(new MethodClassKey(method, targetClass), (key) -> read(method, targetClass))
			.orElse(null);
	}

	private Optional<TrackedMethod> read(Method method, Class<?> targetClass) {
		// Not the bridge method of a generic type, which lacks names and return type
		Method specific = AopUtils.getMostSpecificMethod(method, ClassUtils.getUserClass(targetClass));
		return this.read.computeIfAbsent(new MethodClassKey(specific, targetClass),
				(key) -> Optional.ofNullable(TrackedMethod.of(specific, targetClass)));
	}

	/**
	 * Read all methods of a class, so that what is wrong with them is said at the start.
	 */
	void check(Class<?> type) {
		ReflectionUtils.doWithMethods(type, (method) -> {
			String modifier = modifierInTheWay(method);
			if (modifier == null) {
				read(method, type);
			}
			else if (AnnotatedElementUtils.hasAnnotation(method, TrackTokens.class)) {
				logger.warn("@TrackTokens has no effect on " + method + ", as it is " + modifier
						+ " and a proxy cannot see its calls. Take '" + modifier + "' away.");
			}
		}, ReflectionUtils.USER_DECLARED_METHODS);
	}

	private static @Nullable String modifierInTheWay(Method method) {
		int modifiers = method.getModifiers();
		if (Modifier.isStatic(modifiers)) {
			return "static";
		}
		if (Modifier.isPrivate(modifiers)) {
			return "private";
		}
		return Modifier.isFinal(modifiers) ? "final" : null;
	}

}
