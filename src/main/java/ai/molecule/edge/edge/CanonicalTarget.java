package ai.molecule.edge.edge;

import java.util.Arrays;

/**
 * Tells whether a request target is an origin-form target (RFC 9112, section 3.2.1) whose path has
 * one spelling only: what a route was chosen by is then what an upstream will see, however it
 * decodes. Pure; safe on any thread, one pass, no allocation.
 *
 * <p>Not canonical are: empty and dot segments, also before a {@code ;} (which some servers cut off
 * before they look at dots); an encoded byte that need not be encoded (RFC 3986, section 2.3); an
 * encoded slash, backslash or control character; bytes that no UTF-8 text has; a {@code %} without
 * two digits; and characters that RFC 3986 does not allow in a path. In the query, whose meaning is
 * the handler's, only a fragment and what is not visible ASCII are refused.
 */
public final class CanonicalTarget {
  /** What a character does to a path; the values of {@link #KINDS}. */
  private static final byte WRONG = 0;

  private static final byte PLAIN = 1;
  private static final byte DOT = 2;
  private static final byte SLASH = 3;
  private static final byte SEMICOLON = 4;
  private static final byte PERCENT = 5;
  private static final byte QUERY = 6;

  /**
   * How a segment has begun: nothing yet, one dot, two dots, or something that is no dot segment.
   */
  private static final int EMPTY = 0;

  private static final int TWO_DOTS = 2;
  private static final int NAMED = 3;

  private static final int ASCII = 128;
  private static final byte[] KINDS = kinds();
  private static final boolean[] MAY_BE_ENCODED = encodable();

  private CanonicalTarget() {}

  private static byte[] kinds() {
    byte[] kinds = new byte[ASCII];
    for (char c = 0; c < ASCII; c++) {
      if (isUnreserved(c) || "!$&'()*+,=:@".indexOf(c) >= 0) {
        kinds[c] = PLAIN;
      }
    }
    kinds['.'] = DOT;
    kinds['/'] = SLASH;
    kinds[';'] = SEMICOLON;
    kinds['%'] = PERCENT;
    kinds['?'] = QUERY;
    return kinds;
  }

  private static boolean isUnreserved(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  private static boolean[] encodable() {
    boolean[] encodable = new boolean[256];
    Arrays.fill(encodable, ' ', 0x7f, true);
    Arrays.fill(encodable, 0x80, 0xf5, true);
    // Only overlong forms begin with these, and a dot or a slash could hide in one.
    encodable[0xc0] = false;
    encodable[0xc1] = false;
    encodable['/'] = false;
    encodable['\\'] = false;
    for (int c = 0; c < ASCII; c++) {
      encodable[c] &= !isUnreserved(c);
    }
    return encodable;
  }

  /** Whether {@code target}, a character a byte, is one. */
  public static boolean holds(String target) {
    int length = target.length();
    if (length == 0 || target.charAt(0) != '/') {
      return false;
    }
    int segment = EMPTY;
    for (int at = 1; at < length; at++) {
      char c = target.charAt(at);
      switch (c < ASCII ? KINDS[c] : WRONG) {
        case PLAIN -> segment = NAMED;
        case DOT -> segment = Math.min(segment + 1, NAMED);
        case SLASH -> {
          if (segment != NAMED) {
            return false;
          }
          segment = EMPTY;
        }
        case SEMICOLON -> {
          if (segment != NAMED) {
            return false;
          }
        }
        case PERCENT -> {
          int encoded = encodedAt(target, at);
          if (encoded < 0
              || !MAY_BE_ENCODED[encoded]
              || (encoded == ';' && segment != NAMED)
              || (encoded >= ASCII && isOverlong(encoded, encodedAt(target, at + 3)))) {
            return false;
          }
          segment = NAMED;
          at += 2;
        }
        case QUERY -> {
          return mayEndWith(segment) && isQuery(target, at + 1);
        }
        default -> {
          return false;
        }
      }
    }
    return mayEndWith(segment);
  }

  /** A canonical path with what is encoded in it decoded, a character a byte. */
  static String decoded(String path) {
    StringBuilder decoded = new StringBuilder(path.length());
    for (int at = 0; at < path.length(); at++) {
      int encoded = encodedAt(path, at);
      decoded.append(encoded < 0 ? path.charAt(at) : (char) encoded);
      at += encoded < 0 ? 0 : 2;
    }
    return decoded.toString();
  }

  private static boolean mayEndWith(int segment) {
    return segment == EMPTY || segment > TWO_DOTS;
  }

  /** The byte that is encoded at {@code percent}, or -1. */
  private static int encodedAt(String target, int percent) {
    if (percent + 2 >= target.length() || target.charAt(percent) != '%') {
      return -1;
    }
    int high = digit(target.charAt(percent + 1));
    int low = digit(target.charAt(percent + 2));
    return (high | low) < 0 ? -1 : high << 4 | low;
  }

  /**
   * Whether two bytes begin a form of three or four bytes for what has a shorter one (RFC 3629).
   */
  private static boolean isOverlong(int lead, int next) {
    return (lead == 0xe0 && next < 0xa0) || (lead == 0xf0 && next < 0x90);
  }

  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  private static boolean isQuery(String target, int from) {
    for (int at = from; at < target.length(); at++) {
      char c = target.charAt(at);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        return false;
      }
    }
    return true;
  }
}
