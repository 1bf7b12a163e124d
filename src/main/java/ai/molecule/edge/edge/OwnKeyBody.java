package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyJson;
import ai.molecule.edge.credential.KeyRecord;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * The body of {@code GET /cp/partner-key} for one key: rendered once, and from then on only its
 * {@code last_used_at} is overwritten in place, which the transport's copy on its way to the socket
 * makes safe. One per key and event loop.
 */
final class OwnKeyBody {
  private static final byte[] MEMBER = "\"last_used_at\":\"".getBytes(StandardCharsets.US_ASCII);

  private final KeyRecord key;
  private final int timeAt;
  private final Buffer bytes;
  private long shownMillis;

  private OwnKeyBody(KeyRecord key, Buffer bytes, int timeAt, long shownMillis) {
    this.key = key;
    this.bytes = bytes;
    this.timeAt = timeAt;
    this.shownMillis = shownMillis;
  }

  /** Renders the body of {@code key}, last used at {@code lastMillis}. */
  static OwnKeyBody of(KeyRecord key, long lastMillis) {
    Instant last = Instant.ofEpochMilli(lastMillis);
    byte[] json = KeyJson.of(key, last, last).toString().getBytes(StandardCharsets.UTF_8);
    // Texts before this member cannot hold it: a quote in a text is always escaped.
    int at = indexOf(json, MEMBER) + MEMBER.length;
    return new OwnKeyBody(key, Buffer.buffer(json), at, lastMillis);
  }

  /** Whether this is the body of exactly that version of the key. */
  boolean isOf(KeyRecord wanted) {
    return key == wanted || key.equals(wanted);
  }

  /**
   * The body with that time of last use. The same bytes as before, with the time overwritten: who
   * holds on to them beyond this turn of the event loop may see a later time in them.
   */
  Buffer at(long millis, MillisText text) {
    if (millis > shownMillis) {
      bytes.setBytes(timeAt, text.of(millis));
      shownMillis = millis;
    }
    return bytes;
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at <= bytes.length - part.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new IllegalStateException("the key object has no last_used_at");
  }
}
