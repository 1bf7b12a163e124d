package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyJson;
import ai.molecule.edge.credential.KeyRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * The body of {@code GET /cp/partner-key} for one key: rendered once, and from then on only its
 * {@code last_used_at} is overwritten in place. One per version of a key and event loop.
 */
final class OwnKeyBody {
  private static final byte[] MEMBER = "\"last_used_at\":\"".getBytes(StandardCharsets.US_ASCII);

  private final int timeAt;
  private final byte[] bytes;
  private long shownMillis;

  private OwnKeyBody(byte[] bytes, int timeAt, long shownMillis) {
    this.bytes = bytes;
    this.timeAt = timeAt;
    this.shownMillis = shownMillis;
  }

  /** Renders the body of {@code key}, last used at {@code lastMillis} or when its record says. */
  static OwnKeyBody of(KeyRecord key, long lastMillis) {
    Instant stored = key.lastUsedAt();
    long shown = stored == null ? lastMillis : Math.max(lastMillis, stored.toEpochMilli());
    Instant last = Instant.ofEpochMilli(shown);
    byte[] json = KeyJson.of(key, last, last).toString().getBytes(StandardCharsets.UTF_8);
    // Texts before this member cannot hold it: a quote in a text is always escaped.
    int at = indexOf(json, MEMBER) + MEMBER.length;
    return new OwnKeyBody(json, at, shown);
  }

  /**
   * The body with that time of last use, which never goes back. The same bytes as before, with the
   * time overwritten: to be copied before the next call.
   */
  byte[] at(long millis, MillisText text) {
    if (millis > shownMillis) {
      System.arraycopy(text.of(millis), 0, bytes, timeAt, MillisText.CHARS);
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
