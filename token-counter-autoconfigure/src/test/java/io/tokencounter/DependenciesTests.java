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

import java.io.File;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the module's {@code pom.xml} to what no enforcer rule can see: dependencies are
 * optional, and the licence is in the jar.
 */
class DependenciesTests {

	@Test
	void onlySpringBootIsRequired() throws Exception {
		Document pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new File("pom.xml"));
		XPath xpath = XPathFactory.newInstance().newXPath();
		NodeList required = (NodeList) xpath.evaluate(
				"/project/dependencies/dependency[not(optional = 'true') and not(scope = 'test')]/artifactId", pom,
				XPathConstants.NODESET);
		Stream<String> artifactIds = IntStream.range(0, required.getLength())
			.mapToObj((i) -> required.item(i).getTextContent());
		assertThat(artifactIds).containsExactly("spring-boot-autoconfigure");
	}

	@Test
	void licenceIsInTheJar() throws Exception {
		Path classes = Path.of(TokenCall.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		assertThat(classes.resolve("META-INF/LICENSE")).content().contains("Apache License");
	}

}
