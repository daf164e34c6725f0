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

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The folder of one instance, which it holds a lock of. Folders whose owner is gone are
 * beside it, and are taken over.
 */
final class SpoolDirectory {

	static final String SUFFIX = ".calls";

	private static final long MAX_QUARANTINE = 64 << 20;

	private static final String LOCK = "lock";

	static final String QUARANTINE = "quarantine";

	private static final FileAttribute<?>[] OWNER_ONLY = FileSystems.getDefault()
		.supportedFileAttributeViews()
		.contains("posix")
				? new FileAttribute<?>[] {
						PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")) }
				: new FileAttribute<?>[0];

	// To open and close a file gives up every lock that this process has of it, so
	// folders of our own process are told by their names
	private static final String PROCESS = Long.toString(ProcessHandle.current().pid(), 36) + "-"
			+ Long.toString(ManagementFactory.getRuntimeMXBean().getStartTime(), 36) + "-";

	private final Path base;

	private final Path own;

	private final FileChannel lock;

	private int segments;

	private SpoolDirectory(Path base, Path own, FileChannel lock) {
		this.base = base;
		this.own = own;
		this.lock = lock;
	}

	static SpoolDirectory open(Path base) throws IOException {
		Files.createDirectories(base, OWNER_ONLY);
		while (true) {
			Path own = Files.createDirectory(base.resolve(PROCESS + random()), OWNER_ONLY);
			refuseFolderOfOthers(base, own);
			FileChannel lock = lock(own);
			if (lock != null) {
				return new SpoolDirectory(base, own, lock);
			}
		}
	}

	/**
	 * Return a file that is not there yet. The names sort by age.
	 */
	Path newSegment() {
		return this.own.resolve("%013d-%06d-%s%s".formatted(System.currentTimeMillis(), this.segments++,
				this.own.getFileName(), SUFFIX));
	}

	/**
	 * Move the files of instances that are gone into the own folder.
	 * @return the files that came in
	 */
	List<Path> adopt() throws IOException {
		List<Path> adopted = new ArrayList<>();
		for (Path folder : list(this.base)) {
			boolean other = !folder.getFileName().toString().startsWith(PROCESS) && !folder.endsWith(QUARANTINE)
					&& Files.isDirectory(folder);
			FileChannel lock = other ? lock(folder) : null;
			if (lock != null) {
				try (lock) {
					takeOver(folder, adopted);
				}
			}
		}
		return adopted;
	}

	private void takeOver(Path folder, List<Path> adopted) throws IOException {
		for (Path segment : segments(folder)) {
			Path target = this.own.resolve(segment.getFileName());
			if (Files.exists(target)) {
				target = newSegment();
			}
			adopted.add(Files.move(segment, target, StandardCopyOption.ATOMIC_MOVE));
		}
		deleteIfEmpty(folder);
	}

	/**
	 * Put aside bytes that cannot be used, for people to look at.
	 */
	void quarantine(String name, byte[] bytes, int length) throws IOException {
		Path folder = this.base.resolve(QUARANTINE);
		Files.createDirectories(folder, OWNER_ONLY);
		Path file = folder.resolve(name);
		if (Files.exists(file) && Files.size(file) + length > MAX_QUARANTINE) {
			throw new IOException(file + " is full");
		}
		try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
			out.write(bytes, 0, length);
		}
	}

	/**
	 * Put aside a row that the store does not take.
	 */
	void reject(byte[] bytes, int length) throws IOException {
		quarantine(this.own.getFileName() + ".rejected", bytes, length);
	}

	/**
	 * Let the folder go, and delete it if nothing waits in it.
	 */
	void close() throws IOException {
		try (this.lock) {
			deleteIfEmpty(this.own);
			if (Files.exists(this.own)) {
				// May be taken over from now on, by this process, too
				Files.move(this.own, this.base.resolve("left-" + random()));
			}
		}
	}

	/**
	 * In the temporary folder, anybody could have made the folder that we read.
	 */
	private static void refuseFolderOfOthers(Path base, Path own) throws IOException {
		boolean temporary = base.toAbsolutePath().startsWith(Path.of(System.getProperty("java.io.tmpdir")));
		if (temporary && !Files.getOwner(base).equals(Files.getOwner(own))) {
			Files.delete(own);
			throw new IOException(base + " belongs to another user");
		}
	}

	private static String random() {
		return Long.toString(UUID.randomUUID().getMostSignificantBits() >>> 1, 36);
	}

	private static void deleteIfEmpty(Path folder) throws IOException {
		List<Path> files = list(folder);
		if (files.stream().allMatch((file) -> file.endsWith(LOCK))) {
			Files.deleteIfExists(folder.resolve(LOCK));
			Files.deleteIfExists(folder);
		}
	}

	private static List<Path> segments(Path folder) throws IOException {
		return list(folder).stream().filter((file) -> file.toString().endsWith(SUFFIX)).sorted().toList();
	}

	private static List<Path> list(Path folder) throws IOException {
		try (Stream<Path> files = Files.list(folder)) {
			return files.toList();
		}
		catch (NoSuchFileException ex) {
			// Taken over and deleted by another instance
			return List.of();
		}
		catch (UncheckedIOException ex) {
			throw ex.getCause();
		}
	}

	/**
	 * Lock a folder.
	 * @return what holds the lock until it is closed, {@code null} if somebody else has
	 * it
	 */
	private static @Nullable FileChannel lock(Path folder) throws IOException {
		Path file = folder.resolve(LOCK);
		FileChannel channel;
		try {
			channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
		}
		catch (IOException ex) {
			if (Files.exists(folder)) {
				throw ex;
			}
			return null;
		}
		FileLock lock = null;
		try {
			lock = channel.tryLock();
			// Whoever took the folder over meanwhile has deleted it
			return (lock != null && Files.exists(file)) ? channel : null;
		}
		catch (OverlappingFileLockException ex) {
			return null;
		}
		finally {
			if (lock == null || !Files.exists(file)) {
				channel.close();
			}
		}
	}

}
