package ai.molecule.edge.edge;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A path as the least careful servers read it: they decode twice, overlong UTF-8 too, take
 * backslashes for slashes, stop at a NUL, and may take parameters off and resolve dot and empty
 * segments after all that. Pure; safe on any thread.
 *
 * <p>Only a path in which something is encoded twice can still become another one so: {@link
 * CanonicalTarget} lets no other through.
 */
final class CarelessPath {
  private static final int CONTINUATION_BITS = 6;
  private static final int CONTINUATION_MASK = 0x3f;
  private static final int ASCII = 128;

  private CarelessPath() {}

  /**
   * The path so decoded, with its dot segments still there.
   *
   * @param once a canonical path that has been decoded once, a character a byte
   */
  static String decoded(String once) {
    String bytes = lenientUtf8(CanonicalTarget.decoded(once)).replace('\\', '/');
    int end = bytes.indexOf('\0');
    return end < 0 ? bytes : bytes.substring(0, end);
  }

  /** ASCII characters that are written in two to four bytes, in one. */
  private static String lenientUtf8(String bytes) {
    StringBuilder text = new StringBuilder(bytes.length());
    for (int at = 0; at < bytes.length(); at++) {
      char lead = bytes.charAt(at);
      int more = lead == 0xc0 || lead == 0xc1 ? 1 : lead == 0xe0 ? 2 : lead == 0xf0 ? 3 : 0;
      int code = continued(bytes, at, more, lead & 1);
      boolean overlong = more > 0 && code >= 0 && code < ASCII;
      text.append(overlong ? (char) code : lead);
      at += overlong ? more : 0;
    }
    return text.toString();
  }

  /** The code of a lead byte and those behind it, or -1. */
  private static int continued(String bytes, int lead, int more, int bits) {
    int code = bits;
    for (int at = lead + 1; at <= lead + more; at++) {
      if (at >= bytes.length() || bytes.charAt(at) >> CONTINUATION_BITS != 2) {
        return -1;
      }
      code = code << CONTINUATION_BITS | (bytes.charAt(at) & CONTINUATION_MASK);
    }
    return code;
  }

  /** Segments without parameters; dot segments resolved (RFC 3986, 5.2.4), empty ones left out. */
  static String resolved(String path) {
    Deque<String> segments = new ArrayDeque<>();
    for (String each : path.split("/", -1)) {
      int parameters = each.indexOf(';');
      String segment = parameters < 0 ? each : each.substring(0, parameters);
      switch (segment) {
        case "", "." -> {
          // Stands for nothing.
        }
        case ".." -> segments.pollLast();
        default -> segments.addLast(segment);
      }
    }
    return "/" + String.join("/", segments);
  }
}
