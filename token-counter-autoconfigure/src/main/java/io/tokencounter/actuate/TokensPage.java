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

package io.tokencounter.actuate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.StringUtils;
import org.springframework.web.util.HtmlUtils;

/**
 * Makes one file of the parts of the page, and tells it where other endpoints are.
 */
final class TokensPage {

	private static final EndpointId ID = EndpointId.of("tokens");

	private TokensPage() {
	}

	/**
	 * Write the page.
	 * @param endpoints what is exposed, {@code null} if not known
	 * @param tags keys of the caller tags that history can be grouped by
	 */
	static String write(@Nullable PathMappedEndpoints endpoints, Collection<String> tags) {
		String style = "\n" + read("tokens.css");
		String script = Stream.of("tokens.js", "tokens-summary.js", "tokens-budgets.js", "tokens-history.js")
			.map(TokensPage::read)
			.collect(Collectors.joining("", "\n(() => {\n\"use strict\";\n\n", "})();\n"));
		// Names of the application come last, as they can be anything
		return read("tokens.html").replace("{{style-hash}}", hash(style))
			.replace("{{script-hash}}", hash(script))
			.replace("{{style}}", style)
			.replace("{{script}}", script)
			.replace("{{budgets}}", path(endpoints, "tokenbudgets"))
			.replace("{{history}}", path(endpoints, "tokenhistory"))
			.replace("{{tags}}", tags.stream().map(TokensPage::option).collect(Collectors.joining()));
	}

	/**
	 * Return the path as seen from the page, nothing where the endpoint is not exposed.
	 */
	private static String path(@Nullable PathMappedEndpoints endpoints, String id) {
		String page = (endpoints != null) ? endpoints.getRootPath(ID) : null;
		String path = (endpoints != null) ? endpoints.getRootPath(EndpointId.of(id)) : null;
		return (page != null && path != null)
				? HtmlUtils.htmlEscape("../".repeat(StringUtils.countOccurrencesOf(page, "/")) + path) : "";
	}

	private static String option(String tag) {
		String escaped = HtmlUtils.htmlEscape(tag);
		return "<option value=\"tag:" + escaped + "\">" + escaped + "</option>";
	}

	private static String read(String file) {
		try {
			return new ClassPathResource(file, TokensPage.class).getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String hash(String text) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
			return "sha256-" + Base64.getEncoder().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
