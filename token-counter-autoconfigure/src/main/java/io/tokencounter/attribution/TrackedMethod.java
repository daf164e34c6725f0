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
import java.util.LinkedHashMap;
import java.util.Map;

import io.tokencounter.TrackTokens;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.Expression;
import org.springframework.expression.ExpressionParser;
import org.springframework.expression.ParseException;
import org.springframework.expression.common.TemplateParserContext;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * What {@link TrackTokens} says of one method.
 */
final class TrackedMethod {

	private static final Log logger = LogFactory.getLog(TrackedMethod.class);

	private static final ParameterNameDiscoverer PARAMETER_NAMES = new DefaultParameterNameDiscoverer();

	private static final ExpressionParser PARSER = new SpelExpressionParser();

	private static final TemplateParserContext TEMPLATE = new TemplateParserContext();

	private final Method method;

	private final String feature;

	private final boolean log;

	private final String @Nullable [] parameterNames;

	private final Map<String, Expression> tags = new LinkedHashMap<>();

	private volatile boolean warned;

	private TrackedMethod(Method method, Class<?> type, TrackTokens annotation) {
		this.method = method;
		this.feature = StringUtils.hasText(annotation.value()) ? annotation.value()
				: type.getSimpleName() + "." + method.getName();
		this.log = annotation.log();
		this.parameterNames = PARAMETER_NAMES.getParameterNames(method);
		for (String tag : annotation.tags()) {
			addTag(tag);
		}
	}

	/**
	 * Return what is said of a method, by its own annotation or that of its type.
	 * @return the method, {@code null} if it is not tracked
	 */
	static @Nullable TrackedMethod of(Method method, Class<?> targetClass) {
		Class<?> type = ClassUtils.getUserClass(targetClass);
		// Not the bridge method of a generic type, which lacks names and return type
		Method specific = AopUtils.getMostSpecificMethod(method, type);
		TrackTokens annotation = AnnotatedElementUtils.findMergedAnnotation(specific, TrackTokens.class);
		if (annotation == null) {
			annotation = AnnotatedElementUtils.findMergedAnnotation(type, TrackTokens.class);
		}
		return (annotation != null) ? new TrackedMethod(specific, type, annotation) : null;
	}

	String feature() {
		return this.feature;
	}

	boolean isLogged() {
		return this.log;
	}

	/**
	 * Return whether a publisher of ours can be returned, and nothing but publishers.
	 */
	boolean returnsPublisher() {
		return Publisher.class.isAssignableFrom(this.method.getReturnType())
				&& (canReturn(Flux.class) || canReturn(Mono.class));
	}

	/**
	 * Return whether a publisher of ours can be returned: subtypes can not.
	 */
	boolean canReturn(Class<?> type) {
		return this.method.getReturnType().isAssignableFrom(type);
	}

	/**
	 * Return the caller tags of one run. Never throws.
	 */
	Map<String, String> tags(@Nullable Object[] arguments) {
		if (this.tags.isEmpty()) {
			return Map.of();
		}
		SimpleEvaluationContext context = SimpleEvaluationContext.forReadOnlyDataBinding().build();
		for (int i = 0; i < arguments.length; i++) {
			context.setVariable("p" + i, arguments[i]);
			if (this.parameterNames != null) {
				context.setVariable(this.parameterNames[i], arguments[i]);
			}
		}
		Map<String, String> values = new LinkedHashMap<>();
		this.tags.forEach((key, expression) -> {
			String value = evaluate(key, expression, context);
			if (StringUtils.hasText(value)) {
				values.put(key, value);
			}
		});
		return values;
	}

	private @Nullable String evaluate(String key, Expression expression, SimpleEvaluationContext context) {
		try {
			return expression.getValue(context, String.class);
		}
		catch (EvaluationException | IllegalStateException ex) {
			warn(key, ex);
			return null;
		}
	}

	private void addTag(String tag) {
		int separator = tag.indexOf('=');
		if (separator < 1) {
			logger.warn("Tag '" + tag + "' of " + this.method + " is left out, as it is not of the form key=value");
			return;
		}
		String key = tag.substring(0, separator).trim();
		try {
			this.tags.put(key, PARSER.parseExpression(tag.substring(separator + 1).trim(), TEMPLATE));
		}
		catch (ParseException ex) {
			warn(key, ex);
		}
	}

	private void warn(String key, Exception fault) {
		if (!this.warned) {
			this.warned = true;
			logger.warn("Tag '" + key + "' of " + this.method + " is left out, as it cannot be evaluated: "
					+ fault.getMessage());
		}
		logger.debug("Tag '" + key + "' cannot be evaluated", fault);
	}

}
