package ai.molecule.edge.controlplane;

import ai.molecule.edge.problem.Problem;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The query of a request, read strictly: a parameter the route does not have, or one given twice,
 * is an error, since what a caller believes to be a filter must not be ignored. What is wrong is
 * noted; {@link #throwIfWrong} ends the reading. Belongs to the thread that reads the request.
 */
final class QueryParameters {
  private final Map<String, String> values;
  private final FieldErrors errors;

  private QueryParameters(Map<String, String> values, FieldErrors errors) {
    this.values = values;
    this.errors = errors;
  }

  /**
   * Reads a query.
   *
   * @param query what stands after the question mark, or null
   * @param known the parameters the route has
   * @throws Problem {@code invalid_request} when it is not well-formed
   */
  static QueryParameters parse(@Nullable String query, Set<String> known) {
    Map<String, String> values = new HashMap<>();
    FieldErrors errors = new FieldErrors();
    if (query != null) {
      for (String pair : query.split("&", -1)) {
        if (!pair.isEmpty()) {
          read(pair, known, values, errors);
        }
      }
    }
    return new QueryParameters(values, errors);
  }

  private static void read(
      String pair, Set<String> known, Map<String, String> values, FieldErrors errors) {
    int equals = pair.indexOf('=');
    String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
    String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
    Pointer at = Pointer.ofParameter(name);
    if (!known.contains(name)) {
      errors.add(at, "unknown_parameter", "There is no such query parameter here.");
    } else if (values.putIfAbsent(name, value) != null) {
      errors.add(at, "repeated_parameter", "This query parameter is given more than once.");
    }
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("?", "malformed", "The query is not well-formed.");
    }
  }

  /**
   * A parameter turned into a value; null when absent.
   *
   * @param read answers null for a text it does not take
   * @param otherwise what to tell the caller then
   */
  <T> @Nullable T value(
      String name, Function<String, @Nullable T> read, String code, String otherwise) {
    String text = values.get(name);
    T value = text == null ? null : read.apply(text);
    if (text != null && value == null) {
      errors.add(Pointer.ofParameter(name), code, otherwise);
    }
    return value;
  }

  /** The filter {@code partner_id}; null when absent or wrong, which is noted. */
  @Nullable String partnerId() {
    return value(
        "partner_id",
        text -> KeyMembers.isPartnerId(text) ? text : null,
        "invalid_format",
        "This must match [a-z0-9_-]{1,64}.");
  }

  /** The filter {@code org_id}; null when absent or wrong, which is noted. */
  @Nullable UUID orgId() {
    return value(
        "org_id",
        text -> KeyMembers.uuid(text).orElse(null),
        "invalid_format",
        "This must be a UUID.");
  }

  /** Throws an {@code invalid_request} problem with all that is wrong, if anything is. */
  void throwIfWrong() {
    errors.throwIfAny();
  }
}
