package ai.molecule.edge.exchange;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a handler answers.
 *
 * @param status an HTTP status below 400; everything else is a problem, but for a page that tells
 *     people that there is none
 * @param body the body, or null for none
 * @param headers headers besides those that every answer has
 * @param streamed a body that is written piece by piece instead, or null
 */
public record Answer(
    int status,
    @Nullable Buffer body,
    Map<String, String> headers,
    @Nullable StreamedBody streamed) {
  /** An answer whose body is there, or that has none. */
  public Answer(int status, @Nullable Buffer body, Map<String, String> headers) {
    this(status, body, headers, null);
  }

  /** A body that is written piece by piece. */
  public static Answer streamed(int status, String mediaType, StreamedBody body) {
    return new Answer(status, null, Map.of("Content-Type", mediaType), body);
  }

  /** A JSON body. */
  public static Answer json(int status, JsonObject body) {
    return new Answer(status, body.toBuffer(), Map.of());
  }

  /** A page for people. */
  public static Answer html(int status, String page) {
    return new Answer(
        status, Buffer.buffer(page), Map.of("Content-Type", "text/html; charset=utf-8"));
  }

  /** No body: 204. */
  public static Answer noContent() {
    return new Answer(204, null, Map.of());
  }

  /** This answer with one more header. */
  public Answer with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Answer(status, body, more, streamed);
  }

  /** This answer, not to be stored by any cache: it shows a secret. */
  public Answer noStore() {
    return with("Cache-Control", "no-store");
  }
}
