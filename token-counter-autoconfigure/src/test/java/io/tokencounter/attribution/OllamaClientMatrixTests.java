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

import io.tokencounter.testsupport.BillingProvider;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.ollama.api.OllamaChatOptions;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/**
 * Every client of Ollama's model.
 */
@TestPropertySource(properties = "spring.ai.model.chat=ollama")
class OllamaClientMatrixTests extends ClientMatrix {

	@RegisterExtension
	static final BillingProvider provider = BillingProvider.start();

	@DynamicPropertySource
	static void askTheProvider(DynamicPropertyRegistry registry) {
		ask(provider, registry);
	}

	@Override
	BillingProvider provider() {
		return provider;
	}

	@Override
	ChatOptions options(String model) {
		return OllamaChatOptions.builder().model(model).build();
	}

}
