package ai.molecule.edge.edge;

/**
 * Tells whether the value of a {@code Host} is a name or an address with perhaps a port (RFC 3986,
 * section 3.2.2), and not empty. Stricter than the RFC where a name could be read as two: no
 * encoded bytes, no commas or other delimiters. Pure; safe on any thread, no allocation.
 */
final class HostName {
  private static final int NAME_CHARS_MAX = 255;
  private static final int PORT_DIGITS_MAX = 5;
  private static final int PORT_MAX = 65_535;

  private HostName() {}

  static boolean isValid(CharSequence host) {
    int length = host.length();
    if (length == 0) {
      return false;
    }
    int end = host.charAt(0) == '[' ? endOfAddress(host) : endOfName(host);
    if (end <= 0 || end > NAME_CHARS_MAX) {
      return false;
    }
    return end == length || (host.charAt(end) == ':' && isPort(host, end + 1));
  }

  /** Where the name or IPv4 address ends. */
  private static int endOfName(CharSequence host) {
    int at = 0;
    while (at < host.length() && isOfName(host.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isOfName(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_';
  }

  /** Where the bracketed IPv6 address ends, or -1. */
  private static int endOfAddress(CharSequence host) {
    int colons = 0;
    for (int at = 1; at < host.length(); at++) {
      char c = host.charAt(at);
      if (c == ']') {
        return colons >= 2 ? at + 1 : -1;
      }
      if (c == ':') {
        colons++;
      } else if (c != '.' && Character.digit(c, 16) < 0) {
        return -1;
      }
    }
    return -1;
  }

  private static boolean isPort(CharSequence host, int from) {
    int digits = host.length() - from;
    if (digits < 1 || digits > PORT_DIGITS_MAX) {
      return false;
    }
    int port = 0;
    for (int at = from; at < host.length(); at++) {
      char c = host.charAt(at);
      if (c < '0' || c > '9') {
        return false;
      }
      port = port * 10 + c - '0';
    }
    return port <= PORT_MAX;
  }
}
