package ai.molecule.edge.problem;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A refusal or failure on its way to the one renderer. It travels as the cause of a failed future,
 * carries no stack trace (it is an expected outcome), and is immutable.
 */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final Problem[] BARE = bare();

  private final ProblemCode code;
  private final String detail;
  private final transient List<FieldError> errors;
  private final transient Map<String, String> headers;
  private final @Nullable Long limit;

  private Problem(
      ProblemCode code,
      String detail,
      List<FieldError> errors,
      Map<String, String> headers,
      @Nullable Long limit) {
    super(null, null, false, false);
    this.code = code;
    this.detail = detail;
    this.errors = errors;
    this.headers = headers;
    this.limit = limit;
  }

  /** The problem of {@code code} with its default sentence. */
  public static Problem of(ProblemCode code) {
    return BARE[code.ordinal()];
  }

  private static Problem[] bare() {
    ProblemCode[] codes = ProblemCode.values();
    Problem[] bare = new Problem[codes.length];
    for (ProblemCode code : codes) {
      bare[code.ordinal()] = new Problem(code, code.defaultDetail(), List.of(), Map.of(), null);
    }
    return bare;
  }

  /** The problem of {@code code} with a sentence of its own, which must not echo a secret. */
  public static Problem of(ProblemCode code, String detail) {
    return new Problem(code, detail, List.of(), Map.of(), null);
  }

  /** A bad request, with everything that is wrong with it. */
  public static Problem invalid(List<FieldError> errors) {
    return new Problem(
        ProblemCode.INVALID_REQUEST,
        ProblemCode.INVALID_REQUEST.defaultDetail(),
        List.copyOf(errors),
        Map.of(),
        null);
  }

  /** A bad request with one thing wrong. */
  public static Problem invalid(String pointer, String code, String detail) {
    return invalid(List.of(new FieldError(pointer, code, detail)));
  }

  /** A quota that is used up: the body says how much it is, as its member {@code limit}. */
  public static Problem quota(ProblemCode code, String detail, long limit) {
    return new Problem(code, detail, List.of(), Map.of(), limit);
  }

  /** This problem with a {@code Retry-After} in whole seconds, at least 1. */
  public Problem retryAfter(long seconds) {
    return with("Retry-After", Long.toString(Math.max(1, seconds)));
  }

  /** This problem with one more response header. */
  public Problem with(String name, String value) {
    if (headers.isEmpty()) {
      return new Problem(code, detail, errors, Map.of(name, value), limit);
    }
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Problem(code, detail, errors, Collections.unmodifiableMap(more), limit);
  }

  /** The catalogue entry. */
  public ProblemCode code() {
    return code;
  }

  @Override
  public String getMessage() {
    return code.code() + ": " + detail;
  }

  /** The sentence for people. */
  public String detail() {
    return detail;
  }

  /** What is wrong with the body or the query, empty for most problems. */
  public List<FieldError> errors() {
    return errors;
  }

  /** The quota that is used up; null for a problem that is not about one. */
  public @Nullable Long limit() {
    return limit;
  }

  /** Response headers this problem brings, in order. */
  public Map<String, String> headers() {
    return headers;
  }

  /** The problem behind a failure: itself, or an internal error for anything unexpected. */
  public static Problem from(@Nullable Throwable failure) {
    return failure instanceof Problem problem ? problem : of(ProblemCode.INTERNAL_ERROR);
  }
}
