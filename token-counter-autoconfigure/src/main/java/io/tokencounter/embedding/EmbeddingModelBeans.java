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

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import io.tokencounter.support.FaultLog;
import io.tokencounter.support.ModelClasses;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * The embedding model beans of the application and how each is counted, for one line in
 * the log at start-up.
 *
 * @since 0.1.0
 */
public final class EmbeddingModelBeans implements SmartInitializingSingleton {

	static final String PROXY = "by a proxy";

	static final String TRACKED = "by TokenCounter.track";

	static final String GIVEN_MODELS = "by the models that it calls";

	static final String EXCLUDED = "not at all, excluded";

	private static final String OBSERVATION = "by its observations";

	private static final String NONE = "not at all, is observed by another registry or can not be proxied";

	private static final Log logger = LogFactory.getLog(EmbeddingModelBeans.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final Set<String> excluded;

	private final Supplier<List<ObservationRegistry>> observationRegistries;

	private final Map<String, String> modes = new ConcurrentHashMap<>();

	/**
	 * Create the beans.
	 * @param beanFactory the factory of the beans
	 * @param excluded the names of the beans that are not to be counted
	 * @param observationRegistries the application's registries, asked for when all beans
	 * are there
	 */
	public EmbeddingModelBeans(ConfigurableListableBeanFactory beanFactory, Set<String> excluded,
			Supplier<List<ObservationRegistry>> observationRegistries) {
		this.beanFactory = beanFactory;
		this.excluded = Set.copyOf(excluded);
		this.observationRegistries = observationRegistries;
	}

	void add(String beanName, String mode) {
		this.modes.put(beanName, mode);
	}

	@Override
	public void afterSingletonsInstantiated() {
		Set<String> unknown = new TreeSet<>(this.excluded);
		Map<String, String> described = new TreeMap<>();
		for (String name : this.beanFactory.getBeanNamesForType(EmbeddingModel.class, true, false)) {
			if (!ScopedProxyUtils.isScopedTarget(name)) {
				unknown.remove(name);
				described.put(name, describe(name));
			}
		}
		if (!described.isEmpty()) {
			StringBuilder message = new StringBuilder();
			described.forEach((name, mode) -> message.append(message.isEmpty() ? "" : ", ")
				.append(name)
				.append(" (")
				.append(mode)
				.append(")"));
			logger.info("Counting tokens of embedding model beans: " + message);
		}
		if (!unknown.isEmpty()) {
			logger.warn("No embedding model bean has the name " + unknown
					+ " that is given in token-counter.embedding-models.exclude");
		}
	}

	private String describe(String name) {
		String mode = this.modes.get(name);
		if (mode != null) {
			return mode;
		}
		Object bean = this.beanFactory.getSingleton(name);
		if (bean == null) {
			return "when it is created";
		}
		if (ModelClasses.isMock(bean)) {
			return "not at all, a mock";
		}
		if (isObserved(bean)) {
			return OBSERVATION;
		}
		logger.warn("Calls to embedding model bean '" + name + "' can not be counted. Build it with the application's"
				+ " ObservationRegistry, or return TokenCounter.track(embeddingModel) from its bean method.");
		return NONE;
	}

	private boolean isObserved(Object bean) {
		try {
			@Nullable ObservationRegistry registry = ModelClasses.registryOf(bean);
			return registry != null && this.observationRegistries.get().contains(registry);
		}
		catch (Throwable ex) {
			FaultLog.throwIfFatal(ex);
			logger.debug("Whether calls to " + bean.getClass().getName() + " are observed can not be told", ex);
			return false;
		}
	}

}
