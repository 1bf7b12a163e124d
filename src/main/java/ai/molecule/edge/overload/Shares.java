package ai.molecule.edge.overload;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what each of many has under way, none of whom may have more than the same number. Holds
 * nothing of those who have nothing under way, so it is as large as what is. Safe on any thread.
 */
public final class Shares {
  private final int each;
  private final Map<String, Integer> underWay = new ConcurrentHashMap<>();

  /** Room for {@code each} at a time of everyone. */
  public Shares(int each) {
    this.each = each;
  }

  /** Begins one more of {@code owner}, if its share has room; {@link #end} is to follow. */
  public boolean tryBegin(String owner) {
    Integer count = underWay.get(owner);
    while (true) {
      if (count == null) {
        count = underWay.putIfAbsent(owner, 1);
        if (count == null) {
          return true;
        }
      } else if (count >= each) {
        return false;
      } else if (underWay.replace(owner, count, count + 1)) {
        return true;
      } else {
        count = underWay.get(owner);
      }
    }
  }

  /** One of {@code owner} that had begun is over. */
  public void end(String owner) {
    underWay.computeIfPresent(owner, (name, count) -> count == 1 ? null : count - 1);
  }

  /** How much is under way of all together. */
  public int underWay() {
    return underWay.values().stream().mapToInt(Integer::intValue).sum();
  }
}
