package ai.molecule.edge.cli;

import ai.molecule.edge.scan.PrintableText;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** A problem document (RFC 9457) for a person. */
final class ProblemText {
  private ProblemText() {}

  /**
   * Its words, over several lines when it names members of the body; empty when it is none of the
   * edge's.
   */
  static Optional<String> of(JsonNode problem, long retryAfterSeconds) {
    String code = text(problem, "code");
    if (code.isEmpty() || !problem.path("status").isNumber()) {
      return Optional.empty();
    }
    String detail = text(problem, "detail");
    StringBuilder words =
        new StringBuilder()
            .append(problem.path("status").asInt())
            .append(' ')
            .append(code)
            .append(": ")
            .append(detail.isEmpty() ? text(problem, "title") : detail);
    for (JsonNode error : problem.path("errors")) {
      words
          .append(System.lineSeparator())
          .append("  ")
          .append(text(error, "pointer"))
          .append(' ')
          .append(text(error, "code"))
          .append(": ")
          .append(text(error, "detail"));
    }
    if (retryAfterSeconds > 0) {
      words.append(System.lineSeparator()).append("  try again in ");
      words.append(retryAfterSeconds).append(" s");
    }
    String requestId = text(problem, "request_id");
    if (!requestId.isEmpty()) {
      words.append(System.lineSeparator()).append("  request ").append(requestId);
    }
    return Optional.of(words.toString());
  }

  private static String text(JsonNode node, String member) {
    return PrintableText.of(node.path(member).asText(""));
  }
}
