package ai.molecule.edge.credential;

import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is asked for.
 *
 * @param limit items at most, 1 to {@value #LIMIT_MAX}
 * @param after where the previous page ended; null for the first page
 */
public record PageRequest(int limit, @Nullable Cursor after) {
  /** The most items on a page. */
  public static final int LIMIT_MAX = 200;

  /** The items on a page when the caller does not say. */
  public static final int LIMIT_DEFAULT = 50;

  public PageRequest {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new IllegalArgumentException("limit out of bounds: " + limit);
    }
  }

  /** The first page of the default size. */
  public static PageRequest first() {
    return new PageRequest(LIMIT_DEFAULT, null);
  }
}
