package ai.molecule.edge.config;

import java.util.Collection;
import java.util.Comparator;

/** The known name that was probably meant. */
final class Suggestion {
  private static final int EDITS_MAX = 3;

  private Suggestion() {}

  /** A clause such as {@code ; did you mean http.port?}; empty when nothing is near. */
  static String of(String name, Collection<String> known) {
    return known.stream()
        .filter(one -> edits(name, one) <= EDITS_MAX)
        .min(Comparator.comparingInt((String one) -> edits(name, one)).thenComparing(one -> one))
        .map(one -> "; did you mean " + one + "?")
        .orElse("");
  }

  /** Levenshtein distance. */
  private static int edits(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int same = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(same, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
