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

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Rules that hold the packages apart and the auto-configurations to Spring Boot's
 * conventions.
 */
@AnalyzeClasses(packages = "io.tokencounter", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	@ArchTest
	final ArchRule branchesDependOnTheTrunkAndNotOnEachOther = SlicesRuleDefinition.slices()
		.matching("io.tokencounter.(*)..")
		.should()
		.notDependOnEachOther()
		.ignoreDependency(in("autoconfigure"), DescribedPredicate.alwaysTrue())
		.ignoreDependency(DescribedPredicate.alwaysTrue(), in("call").or(in("support")))
		.ignoreDependency(in("summary"), in("attribution").or(in("chat")).or(in("embedding")));

	@ArchTest
	final ArchRule trunkKnowsNoBranch = ArchRuleDefinition.noClasses()
		.that(in("call"))
		.should()
		.dependOnClassesThat(DescribedPredicate
			.and(JavaClass.Predicates.resideInAPackage("io.tokencounter.*.."),
					DescribedPredicate.not(in("call").or(in("support"))))
			.as("of branches"));

	@ArchTest
	final ArchRule supportKnowsNobody = ArchRuleDefinition.noClasses()
		.that(in("support"))
		.should()
		.dependOnClassesThat(DescribedPredicate
			.and(JavaClass.Predicates.resideInAPackage("io.tokencounter.."), DescribedPredicate.not(in("support")))
			.as("of ours"));

	@ArchTest
	final ArchRule bootIsKnownToAutoConfigureAndActuateAlone = ArchRuleDefinition.noClasses()
		.that(DescribedPredicate.not(in("autoconfigure").or(in("actuate"))))
		.should()
		.dependOnClassesThat()
		.resideInAPackage("org.springframework.boot..");

	@ArchTest
	final ArchRule rootPackageDependsOnNoFeature = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage("io.tokencounter")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("io.tokencounter.*..");

	@ArchTest
	final ArchRule packagesHaveNoCycles = SlicesRuleDefinition.slices()
		.matching("io.tokencounter.(**)")
		.should()
		.beFreeOfCycles()
		.allowEmptyShould(true);

	@ArchTest
	final ArchRule packagesAreNullMarked = ArchRuleDefinition.classes()
		.should(new ArchCondition<>("reside in a @NullMarked package") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				boolean nullMarked = type.getPackage().isAnnotatedWith(NullMarked.class);
				events.add(new SimpleConditionEvent(type, nullMarked,
						"%s is in package %s".formatted(type.getName(), type.getPackageName())));
			}

		});

	@ArchTest
	final ArchRule autoConfigurationsArePublicAndFinal = ArchRuleDefinition.classes()
		.that()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.bePublic()
		.andShould()
		.haveModifier(JavaModifier.FINAL)
		.allowEmptyShould(true);

	@ArchTest
	final ArchRule beanMethodsArePackagePrivate = ArchRuleDefinition.methods()
		.that()
		.areAnnotatedWith(Bean.class)
		.should()
		.bePackagePrivate()
		.allowEmptyShould(true);

	@ArchTest
	final ArchRule beanPostProcessorsAreCreatedEarlyWithoutOtherBeans = ArchRuleDefinition.methods()
		.that()
		.areAnnotatedWith(Bean.class)
		.and()
		.haveRawReturnType(JavaClass.Predicates.assignableTo(BeanPostProcessor.class))
		.should()
		.beStatic()
		.andShould(new ArchCondition<>("have no parameters but an ObjectProvider, Environment or BeanFactory") {

			@Override
			public void check(JavaMethod method, ConditionEvents events) {
				for (JavaClass parameter : method.getRawParameterTypes()) {
					boolean lazy = parameter.isEquivalentTo(ObjectProvider.class)
							|| parameter.isAssignableTo(Environment.class)
							|| parameter.isAssignableTo(BeanFactory.class);
					events.add(new SimpleConditionEvent(method, lazy,
							"%s has a parameter of type %s".formatted(method.getFullName(), parameter.getName())));
				}
			}

		})
		.allowEmptyShould(true);

	@ArchTest
	final ArchRule noStandardStreams = GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

	@ArchTest
	final ArchRule noJavaUtilLogging = ArchRuleDefinition.noClasses()
		.should()
		.dependOnClassesThat()
		.resideInAPackage("java.util.logging");

	private static DescribedPredicate<JavaClass> in(String room) {
		return JavaClass.Predicates.resideInAPackage("io.tokencounter." + room + "..");
	}

}
