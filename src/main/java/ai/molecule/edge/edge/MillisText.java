package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;

/**
 * Milliseconds of the epoch as RFC 3339 text, the last one kept: within a second only three digits
 * change. One per event loop.
 */
final class MillisText {
  /** Characters of such a text: {@code 2026-01-02T03:04:05.006Z}. */
  static final int CHARS = 24;

  private static final int MILLIS_AT = 20;

  private final byte[] text = new byte[CHARS];
  private long second = Long.MIN_VALUE;

  /** The text of {@code millis}, valid until the next call. */
  byte[] of(long millis) {
    long wanted = Math.floorDiv(millis, 1000L);
    int rest = (int) Math.floorMod(millis, 1000L);
    if (wanted != second) {
      second = wanted;
      String whole = Objects.requireNonNull(KeyJson.timestamp(Instant.ofEpochMilli(millis)));
      System.arraycopy(whole.getBytes(StandardCharsets.US_ASCII), 0, text, 0, CHARS);
    }
    text[MILLIS_AT] = (byte) ('0' + rest / 100);
    text[MILLIS_AT + 1] = (byte) ('0' + rest / 10 % 10);
    text[MILLIS_AT + 2] = (byte) ('0' + rest % 10);
    return text;
  }
}
