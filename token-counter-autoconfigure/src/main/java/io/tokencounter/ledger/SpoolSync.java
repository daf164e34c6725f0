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

package io.tokencounter.ledger;

/**
 * How often calls are forced to the disk. Whatever it is, a call that was written
 * survives the end of the process; this is about the end of the machine.
 *
 * @since 0.1.0
 */
public enum SpoolSync {

	/**
	 * The operating system decides.
	 */
	NEVER,

	/**
	 * Ten times a second.
	 */
	INTERVAL,

	/**
	 * Before the caller of the model goes on.
	 */
	ALWAYS

}
