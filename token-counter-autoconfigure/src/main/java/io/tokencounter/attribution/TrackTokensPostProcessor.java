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

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.tokencounter.TrackTokens;
import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.util.ClassUtils;

/**
 * Tracks the methods of beans that are annotated with {@link TrackTokens}. A bean that a
 * proxy would break is left as it is, with a warning.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public final class TrackTokensPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

	private static final Log logger = LogFactory.getLog(TrackTokensPostProcessor.class);

	private final TrackedMethods methods = new TrackedMethods();

	private final Set<Class<?>> checked = ConcurrentHashMap.newKeySet();

	private final Set<Class<?>> warned = ConcurrentHashMap.newKeySet();

	private final FaultLog faults = new FaultLog(logger);

	/**
	 * Create a post-processor.
	 * @param scopes the scopes, asked for on the first tracked call
	 */
	public TrackTokensPostProcessor(Supplier<CallerScopes> scopes) {
		// Inside of other advice by default: that of @Async changes the thread
		ComposablePointcut pointcut = new ComposablePointcut(new AnnotationMatchingPointcut(TrackTokens.class, true))
			.union(new AnnotationMatchingPointcut(null, TrackTokens.class, true));
		this.advisor = new DefaultPointcutAdvisor(pointcut, new TrackTokensInterceptor(scopes, this.methods));
	}

	@Override
	protected boolean isEligible(Class<?> targetClass) {
		// Most beans are Spring's own, and looking at all their methods delays the start
		if (isSprings(targetClass) || ChatModel.class.isAssignableFrom(targetClass) || !super.isEligible(targetClass)) {
			return false;
		}
		if (this.checked.add(targetClass)) {
			check(targetClass);
		}
		return true;
	}

	private void check(Class<?> type) {
		try {
			this.methods.check(type);
		}
		catch (Throwable ex) {
			this.faults.log("The methods of " + type.getName() + " are checked when they are called", ex);
		}
	}

	@Override
	protected boolean isEligible(Object bean, String beanName) {
		if (!super.isEligible(bean, beanName)) {
			return false;
		}
		Class<?> type = bean.getClass();
		String obstacle = isKnownByInterface(type, beanName) ? null : obstacleToSubclass(type);
		if (obstacle != null && this.warned.add(type)) {
			logger.warn("@TrackTokens has no effect on " + type.getName() + ", as " + obstacle);
		}
		return obstacle == null;
	}

	@Override
	protected ProxyFactory prepareProxyFactory(Object bean, String beanName) {
		ProxyFactory proxyFactory = super.prepareProxyFactory(bean, beanName);
		if (!isKnownByInterface(bean.getClass(), beanName)) {
			// Somebody may want to have it by its class
			proxyFactory.setProxyTargetClass(true);
		}
		return proxyFactory;
	}

	/**
	 * Return whether interfaces are to be proxied where possible, and nobody can count on
	 * the class of a bean, since it was declared as an interface.
	 */
	private boolean isKnownByInterface(Class<?> type, String beanName) {
		if (isProxyTargetClass() || !hasProxyInterface(type) || this.beanFactory == null
				|| !this.beanFactory.containsBeanDefinition(beanName)) {
			return false;
		}
		Class<?> declared = this.beanFactory.getMergedBeanDefinition(beanName).getResolvableType().resolve();
		return declared != null && declared.isInterface();
	}

	private boolean hasProxyInterface(Class<?> type) {
		return ClassUtils.getAllInterfacesForClassAsSet(type)
			.stream()
			.anyMatch((candidate) -> candidate.getMethods().length > 0 && !isConfigurationCallbackInterface(candidate)
					&& !isInternalLanguageInterface(candidate));
	}

	private static @Nullable String obstacleToSubclass(Class<?> type) {
		if (Modifier.isFinal(type.getModifiers())) {
			return "a final class has no proxy. Take 'final' away.";
		}
		Method method = null;
		boolean hasFields = false;
		for (Class<?> current = type; current != null && current != Object.class; current = current.getSuperclass()) {
			for (Field field : current.getDeclaredFields()) {
				hasFields = hasFields || !Modifier.isStatic(field.getModifiers());
			}
			method = (method == null && !isSprings(current)) ? finalMethod(current) : method;
		}
		return (method != null && hasFields) ? "its method " + method.getName()
				+ "() is final and would find no fields in a proxy. Take 'final' away from the method." : null;
	}

	private static @Nullable Method finalMethod(Class<?> type) {
		for (Method method : type.getDeclaredMethods()) {
			int modifiers = method.getModifiers();
			if (Modifier.isFinal(modifiers) && !Modifier.isStatic(modifiers) && !Modifier.isPrivate(modifiers)
					&& !method.isSynthetic()) {
				return method;
			}
		}
		return null;
	}

	private static boolean isSprings(Class<?> type) {
		String name = type.getName();
		return name.startsWith("org.springframework.") && !name.startsWith("org.springframework.samples.");
	}

}
