package ai.molecule.edge.proxy;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The {@code traceparent} that an upstream gets (W3C Trace Context): the client's trace goes on
 * under a new parent, and a client without a valid one begins a trace that is not sampled. Pure but
 * for the random ids.
 */
public final class TraceContext {
  private static final int CHARS = 55;
  private static final int TRACE_AT = 3;
  private static final int TRACE_CHARS = 32;
  private static final int PARENT_AT = 36;
  private static final int PARENT_CHARS = 16;
  private static final int FLAGS_AT = 53;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private TraceContext() {}

  /** The client's trace, if it sent one that is valid; {@code tracestate} goes on only then. */
  public static @Nullable String valid(List<String> sent) {
    return sent.size() == 1 && isValid(sent.getFirst()) ? sent.getFirst() : null;
  }

  private static boolean isValid(String text) {
    if (text.length() < CHARS
        || text.charAt(2) != '-'
        || text.charAt(PARENT_AT - 1) != '-'
        || text.charAt(FLAGS_AT - 1) != '-'
        || !isHex(text, 0, 2)
        || !isHex(text, FLAGS_AT, 2)
        || !isId(text, TRACE_AT, TRACE_CHARS)
        || !isId(text, PARENT_AT, PARENT_CHARS)
        || text.startsWith("ff")) {
      return false;
    }
    // A later version may have more members; what it has in common with this one counts.
    return text.length() == CHARS || (!text.startsWith("00") && text.charAt(CHARS) == '-');
  }

  private static boolean isId(String text, int from, int chars) {
    boolean zero = true;
    for (int i = from; i < from + chars; i++) {
      zero &= text.charAt(i) == '0';
    }
    return !zero && isHex(text, from, chars);
  }

  private static boolean isHex(String text, int from, int chars) {
    for (int i = from; i < from + chars; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  /** The value for the upstream, going on from {@code valid} or beginning anew. */
  @SuppressWarnings("deprecation") // getBytes of a range of ASCII is what is wanted
  public static CharSequence next(@Nullable String valid) {
    byte[] text = new byte[CHARS];
    text[0] = '0';
    text[1] = '0';
    text[2] = '-';
    text[PARENT_AT - 1] = '-';
    text[FLAGS_AT - 1] = '-';
    text[FLAGS_AT] = '0';
    text[FLAGS_AT + 1] = '0';
    if (valid == null) {
      random(text, TRACE_AT);
      random(text, TRACE_AT + PARENT_CHARS);
    } else {
      valid.getBytes(TRACE_AT, TRACE_AT + TRACE_CHARS, text, TRACE_AT);
      valid.getBytes(FLAGS_AT, FLAGS_AT + 2, text, FLAGS_AT);
    }
    random(text, PARENT_AT);
    return new AsciiString(text, false);
  }

  /** Sixteen hexadecimal digits, not all zero. */
  private static void random(byte[] text, int from) {
    long bits = ThreadLocalRandom.current().nextLong() | 1;
    for (int i = from; i < from + PARENT_CHARS; i++) {
      text[i] = HEX[(int) (bits & 15)];
      bits >>>= 4;
    }
  }
}
