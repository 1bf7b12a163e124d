package ai.molecule.edge.app;

import ai.molecule.edge.config.EdgeConfig;
import org.jspecify.annotations.Nullable;

/**
 * What a start prints at its end: with embedded stores everything a newcomer can paste, else the
 * addresses alone.
 *
 * @param adminToken in plain text, or null when it is not to be shown
 */
record Welcome(EdgeConfig config, int port, int managementPort, @Nullable String adminToken) {
  private static final String ANY_ADDRESS = "0.0.0.0";

  /** The lines, for stores that are somebody else's: nothing secret. */
  String brief() {
    return """
    Partner Edge is ready: %s (operations: %s)
    """
        .formatted(address(config.http().host(), port), operations());
  }

  /** The lines, for embedded stores: with the means to use them. */
  String full() {
    String token = adminToken == null ? "$EDGE_ADMIN_TOKEN" : adminToken;
    String address = address(config.http().host(), port);
    return """

    Partner Edge is ready

      address:     %1$s
      operations:  %2$s
      admin token: %3$s

    Make a first key:

    curl -s -X POST %1$s/cp/admin/partner-keys -H "Authorization: Bearer %4$s" \
    -H "Content-Type: application/json" \
    -d '{"name":"first","partner_id":"acme","scopes":["orgs:read"]}'

    Start a second node beside this one, in another terminal:

    set -a
    EDGE_POSTGRES_URI=%5$s
    EDGE_REDIS_URI=%6$s
    EDGE_ADMIN_TOKEN=%4$s
    EDGE_HTTP_PORT=%7$d
    EDGE_MANAGEMENT_PORT=%8$d
    set +a
    mvn compile exec:exec

    Ctrl-C stops this node and the stores.
    """
        .formatted(
            address,
            operations(),
            adminToken == null ? "the configured one" : adminToken,
            token,
            config.postgres().uri(),
            config.redis().uris().getFirst(),
            port + 1,
            managementPort + 1);
  }

  private String operations() {
    return address(config.management().host(), managementPort);
  }

  private static String address(String host, int port) {
    String reachable = host.equals(ANY_ADDRESS) || host.equals("::") ? "127.0.0.1" : host;
    String written = reachable.indexOf(':') < 0 ? reachable : "[" + reachable + "]";
    return "http://" + written + ":" + port;
  }
}
