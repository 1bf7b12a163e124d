package ai.molecule.edge.exchange;

import ai.molecule.edge.credential.PresentedCredential;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The value of {@code X-Request-Id}: the caller's when it is fit, else a fresh one. What looks like
 * a credential is not fit: the id is echoed, logged and audited.
 */
final class RequestId {
  static final int CHARS_MAX = 128;

  private static final int FRESH_CHARS = 24;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private RequestId() {}

  /** {@code presented} if it is 1–128 of {@code [A-Za-z0-9._-]}, else a fresh id. */
  static CharSequence of(@Nullable String presented) {
    return presented != null && isFit(presented) ? presented : fresh();
  }

  private static boolean isFit(String id) {
    if (id.isEmpty()
        || id.length() > CHARS_MAX
        || id.startsWith(PresentedCredential.RESERVED_PREFIX)) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean fit =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == '-';
      if (!fit) {
        return false;
      }
    }
    return true;
  }

  /** 96 random bits in hexadecimal. */
  private static CharSequence fresh() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    byte[] id = new byte[FRESH_CHARS];
    long bits = random.nextLong();
    for (int i = 0; i < FRESH_CHARS; i++) {
      if (i == 16) {
        bits = random.nextLong();
      }
      id[i] = HEX[(int) (bits & 15)];
      bits >>>= 4;
    }
    return new AsciiString(id, false);
  }
}
