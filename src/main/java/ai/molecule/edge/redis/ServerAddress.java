package ai.molecule.edge.redis;

import org.jspecify.annotations.Nullable;

/**
 * Where a server of a cluster listens.
 *
 * @param host a name or an address
 * @param port its port
 */
record ServerAddress(String host, int port) {

  /**
   * The address in {@code host:port}, as redirections have it.
   *
   * @param asked who answered: meant when the host is left out
   * @return null when it cannot be read, or the server does not know it
   */
  static @Nullable ServerAddress parse(String text, ServerAddress asked) {
    int colon = text.lastIndexOf(':');
    if (colon < 0 || !text.substring(colon + 1).matches("[1-9][0-9]{0,4}")) {
      return null;
    }
    return of(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)), asked);
  }

  /** The same, in two parts. */
  static @Nullable ServerAddress of(@Nullable String host, int port, ServerAddress asked) {
    if ("?".equals(host) || port <= 0 || port > 65_535) {
      return null;
    }
    return new ServerAddress(host == null || host.isEmpty() ? asked.host() : host, port);
  }

  /** The address that a URI names. */
  static ServerAddress ofUri(String uri) {
    String authority = authority(uri);
    String place = authority.substring(authority.lastIndexOf('@') + 1);
    int colon = place.lastIndexOf(':');
    boolean named = colon > place.lastIndexOf(']') && colon < place.length() - 1;
    String host = named ? place.substring(0, colon) : place;
    return new ServerAddress(unbracketed(host), named ? port(place.substring(colon + 1)) : 6379);
  }

  private static int port(String digits) {
    return digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 6379;
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** The URI of this address, with the scheme and the login of {@code example}. */
  String uri(String example) {
    String authority = authority(example);
    int question = example.indexOf('?');
    return example.substring(0, example.indexOf("://") + 3)
        + authority.substring(0, authority.lastIndexOf('@') + 1)
        + (host.indexOf(':') < 0 ? host : "[" + host + "]")
        + ":"
        + port
        + (question < 0 ? "" : "/" + example.substring(question));
  }

  private static String authority(String uri) {
    String rest = uri.substring(uri.indexOf("://") + 3);
    int end = rest.length();
    for (char stop : new char[] {'/', '?'}) {
      int at = rest.indexOf(stop);
      end = at < 0 ? end : Math.min(end, at);
    }
    return rest.substring(0, end);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
