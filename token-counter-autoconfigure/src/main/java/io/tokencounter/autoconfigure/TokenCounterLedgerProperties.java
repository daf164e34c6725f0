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

package io.tokencounter.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.tokencounter.ledger.SpoolSync;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties of the ledger.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("token-counter.ledger")
public class TokenCounterLedgerProperties {

	/**
	 * Whether to write every call to the application's database.
	 */
	private boolean enabled;

	/**
	 * Keys of the caller tags that history can be grouped by. Those of the meters by
	 * default. All tags are stored with the single calls.
	 */
	private @Nullable List<String> tags;

	/**
	 * How long to keep single calls. For ever by default. The sums of their hours are
	 * never deleted.
	 */
	private @Nullable Duration retention;

	private final Spool spool = new Spool();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable List<String> getTags() {
		return this.tags;
	}

	public void setTags(@Nullable List<String> tags) {
		this.tags = tags;
	}

	public @Nullable Duration getRetention() {
		return this.retention;
	}

	public void setRetention(@Nullable Duration retention) {
		this.retention = retention;
	}

	public Spool getSpool() {
		return this.spool;
	}

	/**
	 * Files that calls are written to first.
	 */
	public static class Spool {

		/**
		 * Folder of the files that calls are written to first. Below the temporary
		 * folder, by the name of the application, by default.
		 */
		private @Nullable Path directory;

		/**
		 * How often the files are forced to the disk.
		 */
		private SpoolSync sync = SpoolSync.INTERVAL;

		public @Nullable Path getDirectory() {
			return this.directory;
		}

		public void setDirectory(@Nullable Path directory) {
			this.directory = directory;
		}

		public SpoolSync getSync() {
			return this.sync;
		}

		public void setSync(SpoolSync sync) {
			this.sync = sync;
		}

	}

}
