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

import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.tokencounter.TrackTokens;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.util.ClassUtils;

/**
 * Tracks the methods of beans that are annotated with {@link TrackTokens}.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public final class TrackTokensPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

	private static final Log logger = LogFactory.getLog(TrackTokensPostProcessor.class);

	private final Set<Class<?>> finalTypes = ConcurrentHashMap.newKeySet();

	/**
	 * Create a post-processor.
	 * @param scopes the scopes, asked for on the first tracked call
	 */
	public TrackTokensPostProcessor(Supplier<CallerScopes> scopes) {
		// Inside of other advice by default: that of @Async changes the thread
		ComposablePointcut pointcut = new ComposablePointcut(new AnnotationMatchingPointcut(TrackTokens.class, true))
			.union(new AnnotationMatchingPointcut(null, TrackTokens.class, true));
		this.advisor = new DefaultPointcutAdvisor(pointcut, new TrackTokensInterceptor(scopes));
	}

	@Override
	protected boolean isEligible(Class<?> targetClass) {
		// Most beans are Spring's own, and looking at all their methods delays the start
		if (targetClass.getName().startsWith("org.springframework.") || ChatModel.class.isAssignableFrom(targetClass)
				|| !super.isEligible(targetClass)) {
			return false;
		}
		if (Modifier.isFinal(targetClass.getModifiers()) && (isProxyTargetClass() || !hasProxyInterface(targetClass))) {
			if (this.finalTypes.add(targetClass)) {
				logger
					.warn("@TrackTokens has no effect on " + targetClass.getName() + ", as a final class has no proxy");
			}
			return false;
		}
		return true;
	}

	private boolean hasProxyInterface(Class<?> type) {
		return ClassUtils.getAllInterfacesForClassAsSet(type)
			.stream()
			.anyMatch((candidate) -> candidate.getMethods().length > 0 && !isConfigurationCallbackInterface(candidate)
					&& !isInternalLanguageInterface(candidate));
	}

}
