package ai.molecule.edge.credential;

import java.util.List;
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
}
