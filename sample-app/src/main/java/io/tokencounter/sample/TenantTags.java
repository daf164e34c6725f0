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

package io.tokencounter.sample;

import java.util.Map;

import io.tokencounter.CallTagsProvider;

import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Adds the tenant of the current request to every call that is made for it. The sample
 * believes the header; take the tenant from the authenticated user where it matters.
 */
@Component
class TenantTags implements CallTagsProvider {

	private static final String HEADER = "X-Tenant";

	@Override
	public Map<String, String> tags() {
		RequestAttributes attributes = RequestContextHolder.getRequestAttributes();
		if (!(attributes instanceof ServletRequestAttributes request)) {
			return Map.of();
		}
		String tenant = request.getRequest().getHeader(HEADER);
		return StringUtils.hasText(tenant) ? Map.of("tenant", tenant.strip()) : Map.of();
	}

}
