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

package io.tokencounter.support;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.InstanceSupplier;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;

/**
 * Finds the model beans that a bean is given, and so will call: those that it depends on,
 * and those that it can get from what it is given, such as an {@code ObjectProvider}, a
 * list or a {@code ChatClient}.
 *
 * @since 0.1.0
 */
public final class GivenModels {

	private final ConfigurableListableBeanFactory beanFactory;

	private final Class<?> modelType;

	private final Set<String> clientTypes;

	private final Predicate<String> counted;

	/**
	 * Create a finder.
	 * @param beanFactory the factory of the beans
	 * @param modelType the interface of the models
	 * @param clientTypes the names of the types that call models of the kind, of which
	 * any may be meant
	 * @param counted tells by its name whether a model bean is counted
	 */
	public GivenModels(ConfigurableListableBeanFactory beanFactory, Class<?> modelType, Set<String> clientTypes,
			Predicate<String> counted) {
		this.beanFactory = beanFactory;
		this.modelType = modelType;
		this.clientTypes = Set.copyOf(clientTypes);
		this.counted = counted;
	}

	/**
	 * Return the names of the models that a bean is given.
	 * @param beanName the name of the bean
	 * @param type its class
	 * @return the names, without its own
	 */
	public Set<String> of(String beanName, Class<?> type) {
		Set<String> given = new LinkedHashSet<>();
		for (String dependency : this.beanFactory.getDependenciesForBean(beanName)) {
			Class<?> dependencyType = this.beanFactory.containsBean(dependency)
					? this.beanFactory.getType(dependency, false) : null;
			if (dependencyType != null && this.modelType.isAssignableFrom(dependencyType)) {
				given.add(dependency);
			}
			else if (dependencyType != null && isClient(dependencyType)) {
				addModelsOf(ResolvableType.forClass(this.modelType), given, new HashSet<>());
			}
		}
		parameters(beanName, type).forEach((parameter) -> addModelsOf(parameter, given, new HashSet<>()));
		given.removeIf((name) -> name.equals(beanName) || !this.counted.test(name));
		return given;
	}

	private void addModelsOf(ResolvableType type, Set<String> given, Set<Type> seen) {
		if (!seen.add(type.getType())) {
			// As E extends Enum<E>, which has no end
			return;
		}
		Class<?> resolved = type.resolve();
		if (resolved != null && this.modelType.isAssignableFrom(resolved)) {
			given.addAll(List.of(this.beanFactory.getBeanNamesForType(resolved, true, false)));
		}
		else if (resolved != null && isClient(resolved)) {
			given.addAll(List.of(this.beanFactory.getBeanNamesForType(this.modelType, true, false)));
		}
		for (ResolvableType generic : type.getGenerics()) {
			addModelsOf(generic, given, seen);
		}
	}

	private boolean isClient(Class<?> type) {
		return this.clientTypes.contains(type.getName()) || Arrays.stream(type.getInterfaces())
			.anyMatch((parent) -> this.clientTypes.contains(parent.getName()));
	}

	/**
	 * Return the generic parameters that the bean is made with. What is given plainly is
	 * a dependency anyway.
	 */
	private Stream<ResolvableType> parameters(String beanName, Class<?> type) {
		Executable maker = maker(beanName, type);
		if (maker == null) {
			return Stream.empty();
		}
		Parameter[] parameters = maker.getParameters();
		return Stream.iterate(0, (i) -> i < parameters.length, (i) -> i + 1)
			.map((i) -> ResolvableType.forMethodParameter(MethodParameter.forExecutable(maker, i)))
			.filter((parameter) -> parameter.hasGenerics() || isClient(parameter.toClass()));
	}

	private @Nullable Executable maker(String beanName, Class<?> type) {
		BeanDefinition definition = this.beanFactory.containsBeanDefinition(beanName)
				? this.beanFactory.getMergedBeanDefinition(beanName) : null;
		if (definition instanceof RootBeanDefinition root) {
			if (root.getResolvedFactoryMethod() != null) {
				return root.getResolvedFactoryMethod();
			}
			if (root.getInstanceSupplier() != null && !(root.getInstanceSupplier() instanceof InstanceSupplier)) {
				// Made by the application's own code, and not with beans
				return null;
			}
		}
		Constructor<?>[] constructors = type.getDeclaredConstructors();
		return Arrays.stream(constructors)
			.filter((constructor) -> constructors.length == 1 || constructor.isAnnotationPresent(Autowired.class))
			.findFirst()
			.orElse(null);
	}

}
