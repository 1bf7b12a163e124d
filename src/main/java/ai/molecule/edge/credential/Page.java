package ai.molecule.edge.credential;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, newest first.
 *
 * @param items in order
 * @param next where the next page begins; null when this is the last
 */
public record Page<T>(List<T> items, @Nullable Cursor next) {
  public Page {
    items = List.copyOf(items);
  }

  /**
   * The page asked for, of what {@link Selection#newestFirst} found: one item more than fits says
   * that there is a next page.
   *
   * @param place where an item stands in the list
   */
  public static <T> Page<T> cut(List<T> found, PageRequest asked, Function<T, Cursor> place) {
    if (found.size() <= asked.limit()) {
      return new Page<>(found, null);
    }
    List<T> shown = found.subList(0, asked.limit());
    return new Page<>(shown, place.apply(shown.getLast()));
  }
}
