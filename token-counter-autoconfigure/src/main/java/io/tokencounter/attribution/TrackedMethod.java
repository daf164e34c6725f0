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
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.tokencounter.TokenCall;
import io.tokencounter.TrackTokens;
import io.tokencounter.support.FaultLog;
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
import org.springframework.expression.Expression;
import org.springframework.expression.ExpressionParser;
import org.springframework.expression.ParseException;
import org.springframework.expression.common.CompositeStringExpression;
import org.springframework.expression.common.TemplateParserContext;
import org.springframework.expression.spel.SpelEvaluationException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
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

	private final @Nullable String @Nullable [] parameterNames;

	private final Map<String, Expression> tags = new LinkedHashMap<>();

	private final FaultLog faults = new FaultLog(logger);

	private TrackedMethod(Method method, Class<?> type, TrackTokens annotation) {
		this.method = method;
		this.feature = clean(StringUtils.hasText(annotation.value()) ? annotation.value()
				: type.getSimpleName() + "." + method.getName());
		if (this.feature.contains("#{")) {
			logger.warn("Feature '" + this.feature + "' of " + this.method
					+ " is taken as it is. What changes from call to call belongs into a tag.");
		}
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

	/**
	 * Return a name as calls have it.
	 */
	static String clean(String name) {
		return TokenCall.builder("", "").feature(name).build().feature();
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
			String name = (this.parameterNames != null) ? this.parameterNames[i] : null;
			if (name != null) {
				context.setVariable(name, arguments[i]);
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
		catch (Throwable ex) {
			FaultLog.throwIfFatal(ex);
			// Its message may hold text of the user
			String reason = (ex instanceof SpelEvaluationException spel) ? String.valueOf(spel.getMessageCode())
					: ex.getClass().getName();
			this.faults.log(
					"Tag '" + key + "' of " + this.method + " is left out, as it cannot be evaluated: " + reason, null);
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
			Expression expression = PARSER.parseExpression(tag.substring(separator + 1).trim(), TEMPLATE);
			warnOfUnknownVariables(key, expression);
			this.tags.put(key, expression);
		}
		catch (ParseException ex) {
			logger.warn("Tag '" + key + "' of " + this.method + " is left out, as it cannot be read: "
					+ ex.getSimpleMessage());
		}
	}

	private void warnOfUnknownVariables(String key, Expression expression) {
		Set<String> unknown = new TreeSet<>();
		if (expression instanceof CompositeStringExpression composite) {
			for (Expression part : composite.getExpressions()) {
				addVariables(part, unknown);
			}
		}
		else {
			addVariables(expression, unknown);
		}
		Set<String> known = new LinkedHashSet<>();
		for (int i = 0; i < this.method.getParameterCount(); i++) {
			if (this.parameterNames != null) {
				known.add("#" + this.parameterNames[i]);
			}
			known.add("#p" + i);
		}
		unknown.removeAll(known);
		if (!unknown.isEmpty()) {
			logger.warn("Tag '" + key + "' of " + this.method + " asks for " + String.join(", ", unknown)
					+ ", which is never there. Known are " + String.join(", ", known)
					+ ((this.parameterNames != null) ? "." : ", and names once it is compiled with -parameters."));
		}
	}

	private static void addVariables(Expression expression, Set<String> variables) {
		if (expression instanceof SpelExpression spel) {
			addVariables(spel.getAST(), variables);
		}
	}

	private static void addVariables(SpelNode node, Set<String> variables) {
		String name = (node instanceof VariableReference) ? node.toStringAST() : null;
		if (name != null && !name.equals("#this") && !name.equals("#root")) {
			variables.add(name);
		}
		for (int i = 0; i < node.getChildCount(); i++) {
			addVariables(node.getChild(i), variables);
		}
	}

}
