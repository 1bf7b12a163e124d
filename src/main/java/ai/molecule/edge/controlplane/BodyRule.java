package ai.molecule.edge.controlplane;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What a route does with the body of its requests. */
enum BodyRule {
  /** Nothing: whatever is sent is discarded. */
  DISCARDED(Set.of()),
  /** A JSON object. */
  JSON(Set.of("application/json")),
  /** A JSON object, or nothing at all. */
  OPTIONAL_JSON(Set.of("application/json")),
  /** A JSON merge patch (RFC 7396), under its own media type or plain JSON's. */
  MERGE_PATCH(Set.of("application/json", "application/merge-patch+json"));

  private static final Pattern UTF_8_PARAMETERS =
      Pattern.compile("(\\s*;\\s*charset=(\"utf-8\"|utf-8))*\\s*;?\\s*", Pattern.CASE_INSENSITIVE);

  @SuppressWarnings("ImmutableEnumChecker") // Set.of
  private final Set<String> mediaTypes;

  BodyRule(Set<String> mediaTypes) {
    this.mediaTypes = mediaTypes;
  }

  /** Whether the body is read at all. */
  boolean reads() {
    return this != DISCARDED;
  }

  /**
   * The body of a request with those headers.
   *
   * @throws Problem {@code unsupported_media_type}, {@code malformed_json} or {@code
   *     invalid_request}
   */
  JsonBody parse(MultiMap headers, Buffer body) {
    if (this == DISCARDED || (this == OPTIONAL_JSON && body.length() == 0)) {
      return JsonBody.empty();
    }
    if (!accepts(headers.getAll(HttpHeaders.CONTENT_TYPE)) || isEncoded(headers)) {
      throw Problem.of(
          ProblemCode.UNSUPPORTED_MEDIA_TYPE,
          "Send " + String.join(" or ", mediaTypes.stream().sorted().toList()) + " in UTF-8.");
    }
    return JsonBody.parse(body);
  }

  private boolean accepts(List<String> contentTypes) {
    if (contentTypes.size() != 1) {
      return false;
    }
    String contentType = contentTypes.getFirst().strip();
    int end = contentType.indexOf(';');
    String mediaType = end < 0 ? contentType : contentType.substring(0, end).strip();
    String parameters = end < 0 ? "" : contentType.substring(end);
    return mediaTypes.contains(mediaType.toLowerCase(Locale.ROOT))
        && UTF_8_PARAMETERS.matcher(parameters).matches();
  }

  private static boolean isEncoded(MultiMap headers) {
    return headers.getAll(HttpHeaders.CONTENT_ENCODING).stream()
        .anyMatch(coding -> !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity"));
  }
}
