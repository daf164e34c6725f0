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

package io.tokencounter.embedding;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.GivenModels;
import io.tokencounter.support.ModelClasses;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.NameMatchMethodPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Puts a counting proxy around each embedding model bean that is not observed and whose
 * class allows it. A bean keeps its class.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public final class EmbeddingModelPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

	private static final Log logger = LogFactory.getLog(EmbeddingModelPostProcessor.class);

	private final Supplier<EmbeddingCallCounter> counter;

	private final Supplier<EmbeddingModelBeans> beans;

	private final Set<String> excluded;

	private @Nullable GivenModels givenModels;

	/**
	 * Create a post-processor.
	 * @param counter the counter, asked for on the first call to a model
	 * @param beans where the beans are listed
	 * @param excluded the names of the beans that are not to be counted
	 */
	public EmbeddingModelPostProcessor(Supplier<EmbeddingCallCounter> counter, Supplier<EmbeddingModelBeans> beans,
			Set<String> excluded) {
		this.counter = counter;
		this.beans = beans;
		this.excluded = Set.copyOf(excluded);
		setProxyTargetClass(true);
		this.advisor = advisor("");
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		super.setBeanFactory(beanFactory);
		if (beanFactory instanceof ConfigurableListableBeanFactory listable) {
			this.givenModels = new GivenModels(listable, EmbeddingModel.class, Set.of(),
					(name) -> !this.excluded.contains(name));
		}
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String name) {
		if (!(bean instanceof EmbeddingModel model) || bean instanceof AopInfrastructureBean
				|| ModelClasses.isMock(bean) || isProxied(model)) {
			return bean;
		}
		String beanName = ScopedProxyUtils.isScopedTarget(name) ? ScopedProxyUtils.getOriginalBeanName(name) : name;
		try {
			return postProcess(bean, model, beanName);
		}
		catch (Throwable ex) {
			FaultLog.throwIfFatal(ex);
			logger.warn("Embedding model bean '" + beanName + "' can not be proxied and is left as it is", ex);
			return bean;
		}
	}

	private Object postProcess(Object bean, EmbeddingModel model, String beanName) {
		Class<?> type = AopUtils.getTargetClass(bean);
		boolean excluded = this.excluded.contains(beanName);
		if (model instanceof CountingEmbeddingModel) {
			this.beans.get().add(beanName, EmbeddingModelBeans.TRACKED);
			return bean;
		}
		if (!excluded && !ModelClasses.isSpringAi(type) && this.givenModels != null
				&& !this.givenModels.of(beanName, type).isEmpty()) {
			this.beans.get().add(beanName, EmbeddingModelBeans.GIVEN_MODELS);
			return bean;
		}
		ObservationRegistry registry = ModelClasses.registryOf(bean);
		boolean observed = registry != null && !registry.isNoop();
		if ((observed && !excluded) || ModelClasses.whyNotProxied(type) != null) {
			return bean;
		}
		this.beans.get().add(beanName, excluded ? EmbeddingModelBeans.EXCLUDED : EmbeddingModelBeans.PROXY);
		Object proxy = super.postProcessAfterInitialization(bean, beanName);
		if (proxy instanceof Advised advised && this.advisor != null) {
			advised.replaceAdvisor(this.advisor, advisor(beanName));
		}
		return proxy;
	}

	private Advisor advisor(String beanName) {
		NameMatchMethodPointcut pointcut = new NameMatchMethodPointcut() {

			@Override
			public boolean matches(Method method, Class<?> targetClass) {
				// A class may have other methods of the same names
				return super.matches(method, targetClass)
						&& ClassUtils.hasMethod(EmbeddingModel.class, method.getName(), method.getParameterTypes());
			}

		};
		pointcut.setMappedNames("call", "embed", "embedForResponse", "dimensions");
		pointcut.setClassFilter(EmbeddingModel.class::isAssignableFrom);
		return new DefaultPointcutAdvisor(pointcut,
				new EmbeddingModelInterceptor(this.counter, beanName, !this.excluded.contains(beanName)));
	}

	static boolean isProxied(EmbeddingModel model) {
		if (model instanceof Advised advised) {
			for (Advisor advisor : advised.getAdvisors()) {
				if (advisor.getAdvice() instanceof EmbeddingModelInterceptor) {
					return true;
				}
			}
		}
		return false;
	}

}
