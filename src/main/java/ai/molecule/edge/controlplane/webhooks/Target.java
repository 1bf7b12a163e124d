package ai.molecule.edge.controlplane.webhooks;

import inet.ipaddr.HostName;
import inet.ipaddr.IPAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a webhook's URL leads. Immutable.
 *
 * @param tls whether it is {@code https}
 * @param host a name in lower case, or an address without brackets
 * @param address the same as an address; null when it is a name
 * @param pathAndQuery as sent in the request line
 */
public record Target(
    boolean tls, String host, @Nullable IPAddress address, int port, String pathAndQuery) {
  static final int URL_CHARS_MAX = 2_048;

  private static final int PORT_MAX = 65_535;

  /** A name that no resolver takes for an address: its last label begins with a letter. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

  /** An address in its plain spelling, such as no resolver could read in another way. */
  private static final Pattern IPV4 =
      Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

  /**
   * The target of an absolute {@code http} or {@code https} URL without credentials and fragment;
   * empty for anything else, addresses in odd spellings included.
   */
  public static Optional<Target> parse(String url) {
    if (url.length() > URL_CHARS_MAX || !url.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      return Optional.empty();
    }
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean tls = scheme.equals("https");
    if ((!tls && !scheme.equals("http"))
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawFragment() != null
        || uri.getPort() == 0
        || uri.getPort() > PORT_MAX) {
      return Optional.empty();
    }
    int port = uri.getPort() < 0 ? (tls ? 443 : 80) : uri.getPort();
    return of(tls, uri.getHost().toLowerCase(Locale.ROOT), port, pathAndQuery(uri));
  }

  private static Optional<Target> of(boolean tls, String host, int port, String pathAndQuery) {
    boolean six = host.startsWith("[");
    String bare = six ? host.substring(1, host.length() - 1) : host;
    if (six || IPV4.matcher(bare).matches()) {
      IPAddress address = bare.indexOf('%') < 0 ? new HostName(host).asAddress() : null;
      return Optional.ofNullable(address)
          .map(parsed -> new Target(tls, bare, parsed, port, pathAndQuery));
    }
    return NAME.matcher(bare).matches()
        ? Optional.of(new Target(tls, bare, null, port, pathAndQuery))
        : Optional.empty();
  }

  private static String pathAndQuery(URI uri) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
  }

  /** Whether it says itself that it is on this machine. */
  boolean isLoopback() {
    return address == null
        ? host.equals("localhost") || host.endsWith(".localhost")
        : address.isLoopback();
  }

  /** Whether not every node would deliver there: only {@link Targets#PUBLIC} is for all. */
  public boolean isLocal() {
    return !Targets.PUBLIC.allows(this);
  }

  /** Scheme, host and port, without what may be a secret behind them. */
  public String origin() {
    String written = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return (tls ? "https://" : "http://") + written + ":" + port;
  }
}
