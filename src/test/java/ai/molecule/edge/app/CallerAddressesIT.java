package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.FrontConfig;
import ai.molecule.edge.config.FrontConfig.ProxyProtocol;
import ai.molecule.edge.config.Http2Config;
import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.exchange.CallerAddresses;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who called, as proxies before the edge report it: whose word counts, and whose does not. */
final class CallerAddressesIT {
  @AutoClose private EdgeNodes nodes;
  private Made bound;

  @BeforeEach
  void start() {
    nodes = EdgeNodes.onSharedStores();
    bound =
        nodes.start().create(RunningNode.body().put("ip_allow", JsonArray.of("203.0.113.0/24")));
  }

  private RunningNode start(FrontConfig front) {
    return nodes.with(config -> config.withHttp(config.http().withFront(front))).start();
  }

  private static FrontConfig behind(String peers, ProxyProtocol proxy, int hops) {
    return new FrontConfig(
        Optional.empty(),
        Http2Config.defaults(),
        proxy,
        new CallerAddresses(AddressRanges.of(List.of(peers)), hops));
  }

  @Test
  void theProxyProtocolSaysWhoCallsAndOnlyTrustedPeersMayUseIt() throws Exception {
    RunningNode trusted = start(behind("127.0.0.0/8", ProxyProtocol.REQUIRED, 0));
    assertThat(statusLine(trusted, "PROXY TCP4 203.0.113.9 127.0.0.1 5 6\r\n" + own(bound)))
        .startsWith("HTTP/1.1 200");
    assertThat(statusLine(trusted, "PROXY TCP4 198.51.100.9 127.0.0.1 5 6\r\n" + own(bound)))
        .startsWith("HTTP/1.1 403");
    assertThat(statusLine(trusted, own(bound))).as("no header").isEmpty();

    RunningNode distrusting = start(behind("10.0.0.0/8", ProxyProtocol.REQUIRED, 0));
    assertThat(statusLine(distrusting, "PROXY TCP4 203.0.113.9 127.0.0.1 5 6\r\n" + own(bound)))
        .isEmpty();
  }

  @Test
  void aForwardedAddressCountsFromATrustedPeerAlone() throws Exception {
    RunningNode trusting = start(behind("127.0.0.0/8", ProxyProtocol.NONE, 1));
    assertThat(statusLine(trusting, own(bound, "203.0.113.9"))).startsWith("HTTP/1.1 200");
    assertThat(statusLine(trusting, own(bound, "203.0.113.9, 198.51.100.9")))
        .startsWith("HTTP/1.1 403");
    assertThat(statusLine(trusting, own(bound))).startsWith("HTTP/1.1 403");

    RunningNode distrusting = start(behind("10.0.0.0/8", ProxyProtocol.NONE, 1));
    assertThat(statusLine(distrusting, own(bound, "203.0.113.9"))).startsWith("HTTP/1.1 403");
  }

  private static String own(Made key, String... forwarded) {
    return "GET /cp/partner-key HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
        + key.secret()
        + "\r\n"
        + (forwarded.length == 0 ? "" : "X-Forwarded-For: " + forwarded[0] + "\r\n")
        + "\r\n";
  }

  /** What is said to those bytes, or nothing when the connection is closed. */
  private static String statusLine(RunningNode node, String bytes) throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(bytes);
      return connection.answer();
    } catch (AssertionError | SocketException closed) {
      return "";
    }
  }
}
