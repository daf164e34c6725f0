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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

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

	private final Supplier<ChatCallCounter> counter;

	private final Supplier<ChatModelBeans> beans;

	private final Set<String> excluded;

	/**
	 * Create a post-processor.
	 * @param counter the counter, asked for on the first call to a model
	 * @param beans where the beans are listed
	 * @param excluded the names of the beans that are not to be counted
	 */
	public ChatModelPostProcessor(Supplier<ChatCallCounter> counter, Supplier<ChatModelBeans> beans,
			Set<String> excluded) {
		this.counter = counter;
		this.beans = beans;
		this.excluded = Set.copyOf(excluded);
		setProxyTargetClass(true);
		this.advisor = advisor("", true, List.of());
	}

	@Override
	public Class<?> determineBeanType(Class<?> beanClass, String beanName) {
		return isProxied(beanClass, originalName(beanName)) ? super.determineBeanType(beanClass, beanName) : beanClass;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String name) {
		// Of a scoped bean, the target is proxied and not what stands before it
		if (!(bean instanceof ChatModel model) || bean instanceof AopInfrastructureBean || isMock(bean)) {
			return bean;
		}
		String beanName = originalName(name);
		if (model instanceof CountingChatModel) {
			this.beans.get().add(beanName, model, CaptureMode.TRACKED);
			return bean;
		}
		Class<?> type = AopUtils.getTargetClass(bean);
		if (!isProxied(type, beanName)) {
			this.beans.get().add(beanName, model, modeWithoutProxy(model, type, beanName));
			return bean;
		}
		Object proxy = proxy(bean, beanName);
		if (proxy == null) {
			this.beans.get().add(beanName, model, modeWithoutProxy(model, type, beanName));
			return bean;
		}
		CaptureMode mode = this.excluded.contains(beanName) ? CaptureMode.EXCLUDED : CaptureMode.PROXY;
		this.beans.get().add(beanName, model, mode);
		return proxy;
	}

	/**
	 * A mock of a test answers nothing, and minds whatever is asked of it.
	 */
	private static boolean isMock(Object bean) {
		return bean.getClass().getName().contains("$MockitoMock$");
	}

	/**
	 * An excluded model is proxied, too, if its observations are to be ignored.
	 */
	private boolean isProxied(Class<?> type, String beanName) {
		return ChatModel.class.isAssignableFrom(type) && CountedModel.whyNotProxied(type) == null
				&& (!this.excluded.contains(beanName) || CountedModel.isSpringAi(type));
	}

	private @Nullable Object proxy(Object bean, String beanName) {
		if (bean instanceof ChatModel model && isProxied(model)) {
			// The same model under another name
			return bean;
		}
		try {
			Object proxy = super.postProcessAfterInitialization(bean, beanName);
			if (proxy instanceof Advised advised && this.advisor != null) {
				advised.replaceAdvisor(this.advisor,
						advisor(beanName, !this.excluded.contains(beanName), innerModels(beanName)));
			}
			return proxy;
		}
		catch (RuntimeException | LinkageError ex) {
			logger.warn("Chat model bean '" + beanName + "' can not be proxied and is left as it is", ex);
			return null;
		}
	}

	private CaptureMode modeWithoutProxy(ChatModel model, Class<?> type, String beanName) {
		Boolean observed = isObserved(model);
		if (this.excluded.contains(beanName)) {
			if (CountedModel.isSpringAi(type) && !Boolean.FALSE.equals(observed)) {
				throw new ChatModelNotExcludableException(beanName, CountedModel.whyNotProxied(type)
						+ ", and the observations of its calls do not tell which model they belong to");
			}
			return CaptureMode.EXCLUDED;
		}
		if (Boolean.TRUE.equals(observed) || (observed == null && CountedModel.isSpringAi(type))) {
			return CaptureMode.OBSERVATION;
		}
		return innerModels(beanName).isEmpty() ? CaptureMode.NONE : CaptureMode.INNER_MODELS;
	}

	private @Nullable Boolean isObserved(ChatModel model) {
		try {
			return CountedModel.isObserved(model);
		}
		catch (RuntimeException ex) {
			logger.debug("Whether calls to " + model.getClass().getName() + " are observed can not be told", ex);
			return null;
		}
	}

	/**
	 * Return the models that a bean depends on. There may be others, which are reached
	 * through an {@code ObjectProvider}, say.
	 */
	private List<InnerModel> innerModels(String beanName) {
		if (this.beanFactory == null) {
			return List.of();
		}
		List<InnerModel> innerModels = new ArrayList<>();
		for (String dependency : this.beanFactory.getDependenciesForBean(beanName)) {
			Class<?> type = this.beanFactory.containsBean(dependency) ? this.beanFactory.getType(dependency, false)
					: null;
			if (type != null && ChatModel.class.isAssignableFrom(type)) {
				Class<?> userClass = ClassUtils.getUserClass(type);
				String provider = isProxied(userClass, dependency) ? null : CountedModel.providerOf(userClass);
				innerModels.add(new InnerModel(dependency, provider));
			}
		}
		return innerModels;
	}

	private static String originalName(String beanName) {
		return ScopedProxyUtils.isScopedTarget(beanName) ? ScopedProxyUtils.getOriginalBeanName(beanName) : beanName;
	}

	private Advisor advisor(String beanName, boolean counted, List<InnerModel> innerModels) {
		Advice interceptor = new ChatModelInterceptor(this.counter, beanName, counted, innerModels);
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
			return CountedModel.whyNotProxied(AopUtils.getTargetClass(model)) == null;
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
