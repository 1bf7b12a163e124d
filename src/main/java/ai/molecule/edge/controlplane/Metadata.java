package ai.molecule.edge.controlplane;

import ai.molecule.edge.problem.Problem;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The metadata that callers keep with a key or an org, under a merge patch. Stateless. */
final class Metadata {
  private Metadata() {}

  /**
   * The metadata after a patch of it.
   *
   * @throws Problem {@code invalid_request} when it would have too many members
   */
  static Map<String, String> over(
      Map<String, String> current, Change<Map<String, Change<String>>> change) {
    Map<String, String> merged =
        switch (change) {
          case Change.Keep<Map<String, Change<String>>>() -> current;
          case Change.Clear<Map<String, Change<String>>>() -> Map.of();
          case Change.Set<Map<String, Change<String>>>(var changes) -> merged(current, changes);
        };
    if (merged.size() > KeyMembers.METADATA_MAX) {
      throw Problem.invalid(
          "#/metadata",
          "too_many",
          "There would be more than " + KeyMembers.METADATA_MAX + " members.");
    }
    return merged;
  }

  /** The members after changes to some of them. */
  static Map<String, String> merged(
      Map<String, String> current, Map<String, Change<String>> changes) {
    Map<String, String> merged = new LinkedHashMap<>(current);
    changes.forEach(
        (member, change) -> {
          String value = change.over(merged.get(member));
          if (value == null) {
            merged.remove(member);
          } else {
            merged.put(member, value);
          }
        });
    return Collections.unmodifiableMap(merged);
  }
}
