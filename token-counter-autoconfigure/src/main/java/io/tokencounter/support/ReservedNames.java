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

package io.tokencounter.support;

/**
 * Names that stand for something else than themselves in sums and meters. What is really
 * called so is shown with an underscore behind it, so that the two are never added up.
 *
 * @since 0.1.0
 */
public final class ReservedNames {

	/**
	 * All values that found no place of their own.
	 */
	public static final String OTHER = "other";

	/**
	 * No value at all.
	 */
	public static final String NONE = "none";

	private ReservedNames() {
	}

	/**
	 * Return the name to show.
	 * @param name the name of a model, a feature or a caller tag's value
	 * @return the name, with one underscore more if it would be taken for a reserved one
	 */
	public static String shown(String name) {
		return (isLike(name, OTHER) || isLike(name, NONE)) ? name + "_" : name;
	}

	/**
	 * Return the name of a feature to show. A feature that is called {@value #NONE} is
	 * none.
	 * @param feature the feature
	 * @return the name, with one underscore more if it would be taken for that of others
	 */
	public static String shownFeature(String feature) {
		return feature.equals(NONE) ? feature : shown(feature);
	}

	private static boolean isLike(String name, String reserved) {
		if (!name.startsWith(reserved)) {
			return false;
		}
		for (int i = reserved.length(); i < name.length(); i++) {
			if (name.charAt(i) != '_') {
				return false;
			}
		}
		return true;
	}

}
