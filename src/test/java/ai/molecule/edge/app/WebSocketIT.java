package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.proxy.RawUpstream;
import ai.molecule.edge.proxy.UpstreamsConfig;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Upgraded connections through the edge: admitted first, bytes both ways, ended with their key. */
final class WebSocketIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PER_KEY_MAX = 4;

  private RawUpstream upstream;
  private EdgeNodes nodes;
  private RunningNode node;
  private Made key;

  @BeforeEach
  void start() {
    upstream =
        RawUpstream.start(
            (head, connection) -> {
              if (head.any("upgrade").isEmpty()) {
                connection.write(RawUpstream.ok("no upgrade"));
                return;
              }
              if (head.line().contains("refused")) {
                connection.write("HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno");
                return;
              }
              connection.write(
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      + "Connection: Upgrade\r\nSec-WebSocket-Accept: accepted\r\n\r\nhello");
              while (true) {
                connection.write(new byte[] {(byte) connection.read()});
                connection.flush();
              }
            });
    UpstreamsConfig shipped = UpstreamsConfig.defaults();
    nodes =
        EdgeNodes.onSharedStores()
            .with(
                config ->
                    config
                        .withRoutes(RouteYaml.parse(RouteYaml.of("/ws", upstream, "")))
                        .withUpstreams(
                            new UpstreamsConfig(
                                shipped.connectionsMax(),
                                shipped.queueMax(),
                                shipped.connectTimeout(),
                                shipped.keepAlive(),
                                shipped.idleTimeout(),
                                shipped.headBytesMax(),
                                PER_KEY_MAX,
                                shipped.ejectionFailures(),
                                shipped.ejectionTime())));
    node = nodes.start();
    key = node.create("orgs:read");
  }

  @AfterEach
  void stop() {
    nodes.close();
    upstream.close();
  }

  private RawConnection open(String path, String credential) throws IOException {
    return open(path, "Authorization: Bearer " + credential + "\r\n", "Upgrade", "websocket");
  }

  private RawConnection open(String path, String headers, String connection, String upgrade)
      throws IOException {
    return new RawConnection(node)
        .send(
            "GET "
                + path
                + " HTTP/1.1\r\nHost: e\r\n"
                + headers
                + "Connection: "
                + connection
                + "\r\nUpgrade: "
                + upgrade
                + "\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  }

  @Test
  void bytesPassBothWays() throws IOException {
    try (RawConnection client = open("/ws/x", key.secret())) {
      assertThat(client.answer())
          .startsWith("HTTP/1.1 101 ")
          .containsIgnoringCase("Sec-WebSocket-Accept: accepted")
          .containsIgnoringCase("X-Request-Id:")
          .containsIgnoringCase("Upgrade: websocket");
      assertThat(client.read(5)).isEqualTo("hello");
      client.send("echo me");
      assertThat(client.read(7)).isEqualTo("echo me");
    }
    RawUpstream.Head head = upstream.head();
    assertThat(head.one("sec-websocket-key")).isEqualTo("dGhlIHNhbXBsZSBub25jZQ==");
    assertThat(head.one("x-mol-key-id")).isEqualTo(key.id());
    assertThat(head.one("connection")).isEqualTo("Upgrade");
    assertThat(head.all("authorization")).isEmpty();
    await().atMost(PATIENCE).until(() -> upstream.openConnections() == 0);
  }

  @Test
  void nobodyGetsThereWhoMayNot() throws IOException {
    Made poor = node.create("billing:read");
    Made spent = node.createLimited(1, 1);
    assertThat(node.use(spent).statusCode()).isEqualTo(200);
    Made revoked = node.create("orgs:read");
    node.revoke(revoked);
    assertRefused(open("/ws", "", "Upgrade", "websocket"), 401);
    assertRefused(open("/ws", poor.secret()), 403);
    assertRefused(open("/ws", spent.secret()), 429);
    assertRefused(open("/ws", revoked.secret()), 401);
    assertRefused(open("/ws", EdgeNodes.ADMIN), 403);
    assertThat(upstream.connections()).isZero();
  }

  private static void assertRefused(RawConnection client, int status) throws IOException {
    try (client) {
      assertThat(client.answer()).startsWith("HTTP/1.1 " + status + " ");
    }
  }

  @Test
  void whatTheUpstreamRefusesIsAnAnswerLikeAnyOther() throws IOException {
    try (RawConnection client = open("/ws/refused", key.secret())) {
      assertThat(client.answer()).startsWith("HTTP/1.1 400 ").endsWith("no");
    }
  }

  @Test
  void anyOtherUpgradeIsARequestLikeAnyOther() throws IOException {
    String credential = "Authorization: Bearer " + key.secret() + "\r\n";
    for (String protocol : List.of("h2c", "TLS/1.0", "websocket, h2c", "nonsense")) {
      try (RawConnection client = open("/ws", credential, "Upgrade", protocol)) {
        assertThat(client.answer()).startsWith("HTTP/1.1 200 ").endsWith("no upgrade");
      }
    }
    try (RawConnection client = open("/ws", credential, "keep-alive", "websocket")) {
      assertThat(client.answer()).startsWith("HTTP/1.1 200 ").endsWith("no upgrade");
    }
    assertThat(upstream.heads())
        .allMatch(head -> head.all("upgrade").isEmpty() && head.all("connection").isEmpty());
  }

  @Test
  void itEndsWithItsKeyAndOthersGoOn() throws IOException {
    Made other = node.create("orgs:read");
    try (RawConnection mine = open("/ws", key.secret());
        RawConnection theirs = open("/ws", other.secret())) {
      assertThat(mine.answer()).startsWith("HTTP/1.1 101 ");
      assertThat(theirs.answer()).startsWith("HTTP/1.1 101 ");
      assertThat(mine.read(5)).isEqualTo("hello");
      assertThat(theirs.read(5)).isEqualTo("hello");

      node.revoke(key);
      assertThat(mine.isClosedByTheEdge()).isTrue();

      theirs.send("still here");
      assertThat(theirs.read(10)).isEqualTo("still here");
      // A change that takes nothing away leaves it alone.
      node.patch(other, new JsonObject().put("rate_limit", 100));
      theirs.send("and here");
      assertThat(theirs.read(8)).isEqualTo("and here");
      node.patch(other, new JsonObject().put("scopes", List.of("billing:read")));
      assertThat(theirs.isClosedByTheEdge()).isTrue();
    }
    await().atMost(PATIENCE).until(() -> upstream.openConnections() == 0);
  }

  @Test
  void anotherNodesRevocationEndsItToo() throws IOException {
    RunningNode second = nodes.start();
    try (RawConnection client = open("/ws", key.secret())) {
      assertThat(client.answer()).startsWith("HTTP/1.1 101 ");
      assertThat(client.read(5)).isEqualTo("hello");
      second.revoke(key);
      assertThat(client.isClosedByTheEdge()).isTrue();
    }
  }

  @Test
  void aKeyHasNoMoreThanItMayHaveAndTheMeterTells() throws IOException {
    List<RawConnection> open = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < 3 * PER_KEY_MAX; i++) {
      RawConnection client = open("/ws", key.secret());
      open.add(client);
      String answer = client.answer();
      if (answer.startsWith("HTTP/1.1 429 ")) {
        refused++;
        assertThat(answer).contains("stream_limit");
      } else {
        assertThat(answer).startsWith("HTTP/1.1 101 ");
      }
    }
    assertThat(open.size() - refused).isBetween(PER_KEY_MAX / 2, PER_KEY_MAX);
    int streams = open.size() - refused;
    await()
        .atMost(PATIENCE)
        .until(() -> node.operations("/metrics").body().contains("edge_streams " + streams + ".0"));
    for (RawConnection client : open) {
      client.close();
    }
    await()
        .atMost(PATIENCE)
        .until(() -> node.operations("/metrics").body().contains("edge_streams 0.0"));
  }
}
