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

package io.tokencounter.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import io.tokencounter.support.FaultLog;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanCurrentlyInCreationException;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;

/**
 * The beans of one type that an application has beside ours, asked for on the first call.
 * One that cannot be created is left out, and the others are there. One that itself makes
 * a call while it is created is there from the next call on.
 *
 * @param <T> the type of the beans
 */
final class ApplicationBeans<T> implements Supplier<List<T>> {

	private final ListableBeanFactory beanFactory;

	private final Class<T> type;

	private final FaultLog faults = new FaultLog(LogFactory.getLog(ApplicationBeans.class));

	private volatile @Nullable List<T> beans;

	ApplicationBeans(ListableBeanFactory beanFactory, Class<T> type) {
		this.beanFactory = beanFactory;
		this.type = type;
	}

	@Override
	public List<T> get() {
		List<T> beans = this.beans;
		return (beans != null) ? beans : find();
	}

	private List<T> find() {
		try {
			List<T> all = this.beanFactory.getBeanProvider(this.type).orderedStream().toList();
			this.beans = all;
			return all;
		}
		catch (Throwable ex) {
			return findEach();
		}
	}

	private List<T> findEach() {
		List<T> found = new ArrayList<>();
		boolean complete = true;
		for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, this.type)) {
			try {
				found.add(this.beanFactory.getBean(name, this.type));
			}
			catch (BeanCurrentlyInCreationException ex) {
				complete = false;
			}
			catch (Throwable ex) {
				this.faults.log(this.type.getSimpleName() + " '" + name + "' cannot be created and is left out", ex);
			}
		}
		AnnotationAwareOrderComparator.sort(found);
		List<T> usable = List.copyOf(found);
		if (complete) {
			this.beans = usable;
		}
		return usable;
	}

}
