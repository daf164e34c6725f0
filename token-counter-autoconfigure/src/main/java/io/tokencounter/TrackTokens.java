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

package io.tokencounter;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;

/**
 * Says which feature the tokens belong to that are spent in a method, or in every public
 * method of a type. An annotation of the method wins over one of its type, and the
 * innermost of nested tracked methods is the one that is charged.
 * <p>
 * It is read from beans, through a proxy, and can be a meta-annotation. For a method that
 * returns a {@code Flux} or a {@code Mono} each subscription is tracked by itself; for
 * one that returns a {@code CompletionStage} the run ends with the stage.
 *
 * @since 0.1.0
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface TrackTokens {

	/**
	 * Name of the feature.
	 * @return the name of the feature, by default the simple name of the type and the
	 * name of the method, as in {@code CvService.extract}
	 */
	@AliasFor("feature")
	String value() default "";

	/**
	 * Name of the feature.
	 * @return the same as {@link #value()}
	 */
	@AliasFor("value")
	String feature() default "";

	/**
	 * Caller tags, each as {@code key=value}. A value can hold SpEL templates over the
	 * parameters of the method, as in <code>tenant=#{#tenantId}</code>. They are
	 * evaluated read-only. A tag whose value is {@code null} or cannot be evaluated is
	 * left out.
	 * @return the caller tags
	 */
	String[] tags() default {};

	/**
	 * Whether to log one line at the end of each run, with its provider, model, tokens
	 * and cost.
	 * @return whether to log
	 */
	boolean log() default false;

}
