package ai.molecule.edge.proxy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which headers go through. Names are compared without case, and with every character that is
 * neither letter nor digit taken for {@code -}: to a server that makes variables of headers (CGI,
 * WSGI, PHP) {@code X_Mol_Key.Id} and {@code X-Mol-Key-Id} are the same. Pure.
 */
public final class HeaderPolicy {
  /** Headers that the edge sets towards upstreams, and others that must not get there. */
  private static final Set<String> NOT_TO_UPSTREAMS =
      Set.of(
          // The credential, and what belongs to the connection (RFC 9110, section 7.6.1).
          "authorization",
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authorization",
          "proxy-authenticate",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "expect",
          "host",
          // Set by the edge alone.
          "forwarded",
          "x-real-ip",
          "x-request-id",
          "traceparent",
          "tracestate",
          "content-length",
          // By which some servers would serve another path or method than the one authorized.
          "x-original-url",
          "x-original-uri",
          "x-original-method",
          "x-rewrite-url",
          "x-http-method",
          "x-http-method-override",
          "x-method-override");

  private static final List<String> PREFIXES_NOT_TO_UPSTREAMS = List.of("x-mol-", "x-forwarded-");

  private static final Set<String> NOT_TO_CLIENTS =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authentication-info",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          // Set by the edge alone.
          "x-request-id",
          "ratelimit",
          "ratelimit-policy",
          // For the edge alone.
          "mol-cost");

  private static final Names TO_UPSTREAMS = new Names(NOT_TO_UPSTREAMS);
  private static final Names TO_CLIENTS = new Names(NOT_TO_CLIENTS);

  private HeaderPolicy() {}

  /** Whether a client's header goes to the upstream as it is. */
  public static boolean goesToUpstream(CharSequence name) {
    if (name.isEmpty() || name.charAt(0) == ':') {
      return false;
    }
    int first = folded(name.charAt(0));
    if (first == 'x') {
      for (int i = 0; i < PREFIXES_NOT_TO_UPSTREAMS.size(); i++) {
        if (beginsWith(name, PREFIXES_NOT_TO_UPSTREAMS.get(i))) {
          return false;
        }
      }
    }
    return !TO_UPSTREAMS.contains(first, name);
  }

  /** Whether an upstream's header goes to the client as it is. */
  public static boolean goesToClient(CharSequence name) {
    if (name.isEmpty() || name.charAt(0) == ':') {
      return false;
    }
    int first = folded(name.charAt(0));
    if (first == 'x' && beginsWith(name, "x-mol-")) {
      return false;
    }
    return !TO_CLIENTS.contains(first, name);
  }

  /**
   * The names that {@code Connection} headers add to those of this connection alone (RFC 9110,
   * section 7.6.1), in lower case.
   */
  public static List<String> nominated(List<String> connectionHeaders) {
    if (connectionHeaders.isEmpty()) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (String header : connectionHeaders) {
      for (String token : header.split(",")) {
        String name = token.strip().toLowerCase(Locale.ROOT);
        if (!name.isEmpty() && !name.equals("close") && !name.equals("keep-alive")) {
          names.add(name);
        }
      }
    }
    return names;
  }

  private static boolean beginsWith(CharSequence name, String prefix) {
    if (name.length() < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if (folded(name.charAt(i)) != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int folded(char c) {
    if (c >= 'A' && c <= 'Z') {
      return c + ('a' - 'A');
    }
    boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    return letterOrDigit || c > 127 ? c : '-';
  }

  /** Names to compare others with: by first letter and length, since most headers share neither. */
  private static final class Names {
    private static final int LETTERS = 128;
    private static final int CHARS = 64;
    private static final String[] NONE = {};

    private final String[][] slots = new String[LETTERS * CHARS][];

    private Names(Set<String> names) {
      Arrays.fill(slots, NONE);
      for (String name : names) {
        int slot = slot(name.charAt(0), name.length());
        slots[slot] = Arrays.copyOf(slots[slot], slots[slot].length + 1);
        slots[slot][slots[slot].length - 1] = name;
      }
    }

    private static int slot(int first, int length) {
      return first * CHARS + length;
    }

    private boolean contains(int first, CharSequence name) {
      if (name.length() >= CHARS || first >= LETTERS) {
        return false;
      }
      for (String one : slots[slot(first, name.length())]) {
        if (beginsWith(name, one)) {
          return true;
        }
      }
      return false;
    }
  }
}
