package ai.molecule.edge.problem;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * Turns a problem into an {@code application/problem+json} body (RFC 9457). The only place that
 * writes one. Safe on any thread.
 */
public final class ProblemRenderer {
  /** The media type of every problem body. */
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final Parts[] PLAIN = plain();

  private ProblemRenderer() {}

  /**
   * A body in two pieces of UTF-8 JSON, between which the request's id stands.
   *
   * @param before ends with the quote before the id
   * @param after begins with the quote behind it
   */
  @SuppressWarnings("ArrayRecordComponent") // neither compared nor changed
  public record Parts(byte[] before, byte[] after) {}

  /**
   * The body of {@code problem} as UTF-8 JSON, its members in the order of the contract.
   *
   * @param requestId the value of the response's {@code X-Request-Id}
   */
  public static Buffer body(Problem problem, String requestId) {
    Parts parts = parts(problem);
    byte[] id = JsonStringEncoder.getInstance().quoteAsUTF8(requestId);
    return Buffer.buffer(parts.before().length + id.length + parts.after().length)
        .appendBytes(parts.before())
        .appendBytes(id)
        .appendBytes(parts.after());
  }

  /** The same for an id in which no character has to be quoted; both arrays may be shared. */
  public static Parts parts(Problem problem) {
    boolean isPlain =
        problem.errors().isEmpty()
            && problem.limit() == null
            && problem.detail().equals(problem.code().defaultDetail());
    return isPlain ? PLAIN[problem.code().ordinal()] : render(problem);
  }

  /** Refusals are many when somebody attacks: those without a detail of their own are ready. */
  private static Parts[] plain() {
    ProblemCode[] codes = ProblemCode.values();
    Parts[] plain = new Parts[codes.length];
    for (ProblemCode code : codes) {
      plain[code.ordinal()] = render(Problem.of(code));
    }
    return plain;
  }

  private static Parts render(Problem problem) {
    ProblemCode code = problem.code();
    StringBuilder json = new StringBuilder(320).append("{\"type\":\"").append(code.type());
    json.append("\",\"title\":\"").append(code.title());
    json.append("\",\"status\":").append(code.status()).append(",\"detail\":");
    quoted(json, problem.detail());
    json.append(",\"code\":\"").append(code.code()).append("\",\"request_id\":\"");
    byte[] before = json.toString().getBytes(StandardCharsets.UTF_8);
    json.setLength(0);
    json.append('"');
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
    json.append('}');
    return new Parts(before, json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void quoted(StringBuilder json, String text) {
    json.append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, json);
    json.append('"');
  }
}
