package ai.molecule.edge.proxy;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an upstream listens.
 *
 * @param host a name or a numeric address, an IPv6 one without brackets
 * @param port 1 to 65535
 */
public record UpstreamAddress(String host, int port) {
  /** What {@link #parse} takes, for people. */
  public static final String FORM = "http://host:port";

  private static final int PORT_DEFAULT = 80;
  private static final int PORT_MAX = 65_535;
  private static final Pattern URL =
      Pattern.compile("http://([0-9A-Za-z._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(?::([0-9]{1,5}))?/?");

  /** The address that {@code url} names; empty when it is not of the form {@value #FORM}. */
  public static Optional<UpstreamAddress> parse(String url) {
    Matcher matcher = URL.matcher(url);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int port = matcher.group(2) == null ? PORT_DEFAULT : Integer.parseInt(matcher.group(2));
    if (port < 1 || port > PORT_MAX) {
      return Optional.empty();
    }
    String host = matcher.group(1);
    return Optional.of(
        new UpstreamAddress(
            host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port));
  }

  /** The value of {@code Host} for it (RFC 9110, section 7.2). */
  public String authority() {
    String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return port == PORT_DEFAULT ? name : name + ":" + port;
  }

  @Override
  public String toString() {
    return "http://" + authority();
  }
}
