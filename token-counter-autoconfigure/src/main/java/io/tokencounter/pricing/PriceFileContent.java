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

package io.tokencounter.pricing;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.core.io.Resource;
import org.springframework.core.io.UrlResource;
import org.springframework.util.ResourceUtils;
import org.springframework.util.StringUtils;

/**
 * Reads a price file, from the class path or the file system only: an address on the
 * network could hang the start, or have prices made up by others.
 */
final class PriceFileContent {

	private static final int MAX_BYTES = 32 * 1024 * 1024;

	private PriceFileContent() {
	}

	/**
	 * Read a file.
	 * @throws InvalidPriceException if it cannot be read, or must not be
	 */
	static byte[] read(Resource file) {
		try {
			String problem = problem(file);
			if (problem == null) {
				try (InputStream content = file.getInputStream()) {
					byte[] bytes = content.readNBytes(MAX_BYTES + 1);
					if (bytes.length <= MAX_BYTES) {
						return bytes;
					}
				}
				problem = "The file has more than %d MB".formatted(MAX_BYTES >> 20);
			}
			throw new InvalidPriceException(file.getDescription(), List.of(problem), null);
		}
		catch (IOException ex) {
			throw new InvalidPriceException(file.getDescription(), List
				.of("The file cannot be read. If it is not on the class path, put 'file:' in front of its path"), ex);
		}
	}

	private static @Nullable String problem(Resource file) throws IOException {
		if (file instanceof UrlResource && !isLocal(file.getURL())) {
			return "Prices are not fetched from the network. Put the file on the class path ('classpath:') or in the"
					+ " file system ('file:')";
		}
		if (file.isFile()) {
			Path path = file.getFile().toPath();
			if (Files.isDirectory(path)) {
				return "This is a folder. Give the location of a price file in it";
			}
			// A pipe would hang the start
			if (Files.exists(path) && !Files.isRegularFile(path)) {
				return "This is not a regular file";
			}
		}
		return null;
	}

	/**
	 * Return whether a URL is of a file on this machine. Java fetches one that names
	 * another host by FTP.
	 */
	private static boolean isLocal(URL url) {
		return ResourceUtils.isFileURL(url)
				&& (!StringUtils.hasLength(url.getHost()) || "localhost".equalsIgnoreCase(url.getHost()));
	}

}
