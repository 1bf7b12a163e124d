package ai.molecule.edge.app;

import ai.molecule.edge.edge.RouteFile;
import ai.molecule.edge.edge.RoutesConfig;
import ai.molecule.edge.proxy.RawUpstream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Files of routes to upstreams of this machine, all with the scope {@code orgs:read}. */
final class RouteYaml {
  private RouteYaml() {}

  /** A file with one route. */
  static String of(String prefix, RawUpstream upstream, String more) {
    return of(route(prefix, upstream, more));
  }

  /** A file with those routes. */
  static String of(String... routes) {
    return "routes: [" + String.join(", ", routes) + "]";
  }

  /** One route, for {@link #of}; {@code more} begins with a comma, or is empty. */
  static String route(String prefix, RawUpstream upstream, String more) {
    return route(prefix, upstream.url(), more);
  }

  /** The same to any address. */
  static String route(String prefix, String url, String more) {
    return "{prefix: " + prefix + ", upstream: '" + url + "', scope: 'orgs:read'" + more + "}";
  }

  /** One route to several upstreams, for {@link #of}. */
  static String among(String prefix, String... urls) {
    return "{prefix: "
        + prefix
        + ", scope: 'orgs:read', upstreams: ['"
        + String.join("', '", urls)
        + "']}";
  }

  /** What a node makes of such a file. */
  static RoutesConfig parse(String yaml) {
    try {
      return new RoutesConfig(
          Optional.empty(), RouteFile.parse(yaml.getBytes(StandardCharsets.UTF_8)));
    } catch (RouteFile.Refused e) {
      throw new AssertionError(e);
    }
  }
}
