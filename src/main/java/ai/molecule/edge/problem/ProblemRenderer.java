package ai.molecule.edge.problem;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.vertx.core.buffer.Buffer;

/**
 * Turns a problem into an {@code application/problem+json} body (RFC 9457). The only place that
 * writes one. Safe on any thread.
 */
public final class ProblemRenderer {
  /** The media type of every problem body. */
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final String[] PREFIXES = prefixes();

  private ProblemRenderer() {}

  /**
   * The body of {@code problem} as UTF-8 JSON, its members in the order of the contract.
   *
   * @param requestId the value of the response's {@code X-Request-Id}
   */
  public static Buffer body(Problem problem, String requestId) {
    StringBuilder json = new StringBuilder(320).append(PREFIXES[problem.code().ordinal()]);
    quoted(json, problem.detail());
    json.append(",\"code\":\"").append(problem.code().code()).append("\",\"request_id\":");
    quoted(json, requestId);
    if (!problem.errors().isEmpty()) {
      json.append(",\"errors\":[");
      String separator = "";
      for (FieldError error : problem.errors()) {
        json.append(separator).append("{\"pointer\":");
        quoted(json, error.pointer());
        json.append(",\"code\":");
        quoted(json, error.code());
        json.append(",\"detail\":");
        quoted(json, error.detail());
        json.append('}');
        separator = ",";
      }
      json.append(']');
    }
    if (problem.limit() != null) {
      json.append(",\"limit\":").append(problem.limit());
    }
    return Buffer.buffer(json.append('}').toString());
  }

  private static String[] prefixes() {
    ProblemCode[] codes = ProblemCode.values();
    String[] prefixes = new String[codes.length];
    for (ProblemCode code : codes) {
      StringBuilder json = new StringBuilder("{\"type\":\"").append(code.type());
      json.append("\",\"title\":\"").append(code.title());
      json.append("\",\"status\":").append(code.status()).append(",\"detail\":");
      prefixes[code.ordinal()] = json.toString();
    }
    return prefixes;
  }

  private static void quoted(StringBuilder json, String text) {
    json.append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, json);
    json.append('"');
  }
}
