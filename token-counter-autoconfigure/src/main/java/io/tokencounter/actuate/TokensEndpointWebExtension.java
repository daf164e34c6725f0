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

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} of the {@link TokensEndpoint} that
 * adds its page for browsers.
 *
 * @since 0.1.0
 */
@EndpointWebExtension(endpoint = TokensEndpoint.class)
public final class TokensEndpointWebExtension {

	private final Supplier<Resource> page;

	/**
	 * Create an extension.
	 * @param endpoints what is exposed, asked when the page is, as it can be known only
	 * after this
	 * @param historyTags keys of the caller tags that history can be grouped by
	 */
	public TokensEndpointWebExtension(Supplier<? extends @Nullable PathMappedEndpoints> endpoints,
			Collection<String> historyTags) {
		this.page = SingletonSupplier.of(() -> new ByteArrayResource(
				TokensPage.write(endpoints.get(), historyTags).getBytes(StandardCharsets.UTF_8)));
	}

	/**
	 * Return the page, which asks the endpoint for its numbers.
	 * @return the page as HTML in UTF-8
	 */
	@ReadOperation(produces = "text/html")
	public Resource page() {
		return this.page.get();
	}

}
