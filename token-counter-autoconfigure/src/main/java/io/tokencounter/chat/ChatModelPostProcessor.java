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

package io.tokencounter.chat;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.function.Supplier;

import io.tokencounter.support.FaultLog;
import io.tokencounter.support.GivenModels;
import io.tokencounter.support.ModelClasses;
import org.aopalliance.aop.Advice;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.aop.Advisor;
import org.springframework.aop.Pointcut;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.scope.ScopedObject;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.NameMatchMethodPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Puts a counting proxy around each chat model bean whose class allows it. A bean keeps
 * its class, and one whose class allows no proxy is left alone.
 * <p>
 * Advice that is on a bean already stays around ours, so that answers of a cache are not
 * counted and each try of a retry is.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public final class ChatModelPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

	private static final Log logger = LogFactory.getLog(ChatModelPostProcessor.class);

	// By name, as a client is not on every class path
	private static final Set<String> CLIENTS = Set.of("org.springframework.ai.chat.client.ChatClient",
			"org.springframework.ai.chat.client.ChatClient$Builder");

	private final Supplier<ChatCallCounter> counter;

	private final Supplier<ChatModelBeans> beans;

	private final Set<String> excluded;

	private final Set<String> included;

	private @Nullable GivenModels givenModels;

	/**
	 * Create a post-processor.
	 * @param counter the counter, asked for on the first call to a model
	 * @param beans where the beans are listed
	 * @param excluded the names of the beans that are not to be counted
	 * @param included the names of the beans that count beside the models that they call
	 */
	public ChatModelPostProcessor(Supplier<ChatCallCounter> counter, Supplier<ChatModelBeans> beans,
			Set<String> excluded, Set<String> included) {
		this.counter = counter;
		this.beans = beans;
		this.excluded = Set.copyOf(excluded);
		this.included = Set.copyOf(included);
		setProxyTargetClass(true);
		this.advisor = advisor("");
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		super.setBeanFactory(beanFactory);
		if (beanFactory instanceof ConfigurableListableBeanFactory listable) {
			this.givenModels = new GivenModels(listable, ChatModel.class, CLIENTS,
					(name) -> !this.excluded.contains(name));
		}
	}

	@Override
	public Class<?> determineBeanType(Class<?> beanClass, String beanName) {
		return isProxied(beanClass, originalName(beanName)) ? super.determineBeanType(beanClass, beanName) : beanClass;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String name) {
		// Of a scoped bean, the target is proxied and not what stands before it
		if (!(bean instanceof ChatModel model) || bean instanceof AopInfrastructureBean || ModelClasses.isMock(bean)) {
			return bean;
		}
		String beanName = originalName(name);
		Class<?> type = AopUtils.getTargetClass(bean);
		if (model instanceof CountingChatModel tracked) {
			this.beans.get().add(beanName, model, CaptureMode.TRACKED);
			return isGivenModels(beanName, type) ? tracked.beside() : bean;
		}
		if (!this.included.contains(beanName) && !this.excluded.contains(beanName) && isGivenModels(beanName, type)) {
			this.beans.get().add(beanName, model, CaptureMode.GIVEN_MODELS);
			return bean;
		}
		Object proxy = isProxied(type, beanName) ? proxy(bean, beanName) : null;
		if (proxy == null) {
			// An excluded model of the application's own needs none
			boolean excluded = this.excluded.contains(beanName) && !ModelClasses.isSpringAi(type);
			this.beans.get().add(beanName, model, excluded ? CaptureMode.EXCLUDED : null);
			return bean;
		}
		this.beans.get()
			.add(beanName, model, this.excluded.contains(beanName) ? CaptureMode.EXCLUDED : CaptureMode.PROXY);
		return proxy;
	}

	/**
	 * A model that is given other models calls them, and they count. Spring AI's own may
	 * be made of one another, but none calls one.
	 */
	private boolean isGivenModels(String beanName, Class<?> type) {
		if (this.givenModels == null || ModelClasses.isSpringAi(type)) {
			return false;
		}
		try {
			return !this.givenModels.of(beanName, type).isEmpty();
		}
		catch (Throwable ex) {
			FaultLog.throwIfFatal(ex);
			logger.warn("Whether chat model bean '" + beanName + "' calls others can not be told", ex);
			return false;
		}
	}

	/**
	 * An excluded model is proxied, too, if its observations are to be ignored.
	 */
	private boolean isProxied(Class<?> type, String beanName) {
		return ChatModel.class.isAssignableFrom(type) && ModelClasses.whyNotProxied(type) == null
				&& (!this.excluded.contains(beanName) || ModelClasses.isSpringAi(type));
	}

	private @Nullable Object proxy(Object bean, String beanName) {
		if (bean instanceof ChatModel model && isProxied(model)) {
			// The same model under another name
			return bean;
		}
		try {
			Object proxy = super.postProcessAfterInitialization(bean, beanName);
			if (proxy instanceof Advised advised && this.advisor != null) {
				advised.replaceAdvisor(this.advisor, advisor(beanName));
			}
			return proxy;
		}
		catch (Throwable ex) {
			FaultLog.throwIfFatal(ex);
			logger.warn("Chat model bean '" + beanName + "' can not be proxied and is left as it is", ex);
			return null;
		}
	}

	private static String originalName(String beanName) {
		return ScopedProxyUtils.isScopedTarget(beanName) ? ScopedProxyUtils.getOriginalBeanName(beanName) : beanName;
	}

	private Advisor advisor(String beanName) {
		Advice interceptor = new ChatModelInterceptor(this.counter, beanName, !this.excluded.contains(beanName),
				this.included.contains(beanName));
		return new DefaultPointcutAdvisor(pointcut(), interceptor);
	}

	/**
	 * Match the methods of the interface alone: a class may have others of the same name.
	 */
	private static Pointcut pointcut() {
		NameMatchMethodPointcut pointcut = new NameMatchMethodPointcut() {

			@Override
			public boolean matches(Method method, Class<?> targetClass) {
				return super.matches(method, targetClass)
						&& ClassUtils.hasMethod(ChatModel.class, method.getName(), method.getParameterTypes());
			}

		};
		pointcut.setMappedNames("call", "stream");
		pointcut.setClassFilter(ChatModel.class::isAssignableFrom);
		return pointcut;
	}

	static boolean isProxied(ChatModel model) {
		if (model instanceof ScopedObject) {
			return ModelClasses.whyNotProxied(AopUtils.getTargetClass(model)) == null;
		}
		if (model instanceof Advised advised) {
			for (Advisor advisor : advised.getAdvisors()) {
				if (advisor.getAdvice() instanceof ChatModelInterceptor) {
					return true;
				}
			}
		}
		return false;
	}

}
