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

import java.util.UUID;

import io.tokencounter.TokenBudgetExceededException;
import io.tokencounter.TokenCounter;
import io.tokencounter.TokenSession;
import io.tokencounter.TrackTokens;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

import org.springframework.stereotype.Service;

/**
 * Lets a model turn a text into fields. A failure is part of the answer, not an
 * exception, and has zeros as its tokens; what was billed for it is in the meters. Each
 * extraction is a session of its own.
 */
@Service
class ExtractionService {

	private static final Log logger = LogFactory.getLog(ExtractionService.class);

	private final TokenCounter tokenCounter;

	ExtractionService(TokenCounter tokenCounter) {
		this.tokenCounter = tokenCounter;
	}

	/**
	 * Extract the fields of a CV.
	 * @param text the CV
	 * @param provider the provider to ask
	 * @return the fields, or why there are none
	 */
	@TrackTokens("cv-extraction")
	Extraction<Cv> extractCv(String text, ChatProvider provider) {
		return extract(Cv.class, "Extract the candidate's details from this CV.", text, provider);
	}

	/**
	 * Extract the fields of a job description.
	 * @param text the job description
	 * @param provider the provider to ask
	 * @return the fields, or why there are none
	 */
	@TrackTokens("jd-extraction")
	Extraction<JobDescription> extractJobDescription(String text, ChatProvider provider) {
		return extract(JobDescription.class, "Extract what this job description asks for.", text, provider);
	}

	private <T> Extraction<T> extract(Class<T> type, String task, String text, ChatProvider provider) {
		String id = UUID.randomUUID().toString();
		try (TokenSession session = this.tokenCounter.openSession("extraction " + id)) {
			try {
				T fields = provider.chatClient().prompt().system(task).user(text).call().entity(type);
				return (fields != null) ? Extraction.success(id, fields, SpentTokens.of(session, provider))
						: failure(id, "The model gave no answer", SpentTokens.none(session, provider), null);
			}
			catch (JacksonException ex) {
				return failure(id, "The model's answer is not the JSON that was asked for",
						SpentTokens.none(session, provider), ex);
			}
			catch (TokenBudgetExceededException ex) {
				// Answered with status 429
				throw ex;
			}
			catch (RuntimeException ex) {
				return failure(id, "The provider could not be asked or answered with an error",
						SpentTokens.none(session, provider), ex);
			}
		}
	}

	private <T> Extraction<T> failure(String id, String error, SpentTokens tokenUsage, @Nullable Exception cause) {
		logger.warn("Extraction " + id + " with " + tokenUsage.model() + " failed: " + error);
		// The exception's message may contain parts of the text
		logger.debug("Cause of failed extraction " + id, cause);
		return Extraction.failure(id, error, tokenUsage);
	}

}
