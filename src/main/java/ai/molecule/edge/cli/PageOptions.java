package ai.molecule.edge.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which page of a list. */
final class PageOptions {
  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "So many at a time, 1 to 200 (default: 50).")
  private @Nullable String limit;

  @Option(names = "--cursor", paramLabel = "CURSOR", description = "Where the last page ended.")
  private @Nullable String cursor;

  PageOptions() {}

  void addTo(Map<String, @Nullable String> parameters) {
    parameters.put("limit", limit);
    parameters.put("cursor", cursor);
  }
}
