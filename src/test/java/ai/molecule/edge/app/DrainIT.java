package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.DrainConfig;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.config.FrontConfig;
import ai.molecule.edge.config.Http2Config;
import ai.molecule.edge.edge.RoutesConfig;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.proxy.RawUpstream;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node leaves without losing a request, an acknowledged change or a time of use. */
final class DrainIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @AutoClose private EdgeNodes nodes;
  private RunningNode leaving;
  private RunningNode staying;

  @BeforeEach
  void start() {
    nodes = EdgeNodes.onSharedStores().with(DrainIT::asShipped);
    leaving = nodes.start();
    staying = nodes.start();
  }

  private static EdgeConfig asShipped(EdgeConfig config) {
    return config.withDrain(DrainConfig.defaults());
  }

  @Test
  void noRequestFailsOfClientsThatGoElsewhereWhenTheyAreToldTo() {
    Made key = leaving.create();
    int clients = 8;
    try (Load load = Load.moving(nodes.all(), key, clients)) {
      await().atMost(PATIENCE).until(() -> load.answered() >= 200);

      Future<Void> drained = leaving.node().drain();
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                HttpResponse<String> ready = leaving.operations("/health/ready");
                assertThat(ready.statusCode()).isEqualTo(503);
                assertThat(new JsonObject(ready.body()).getString("status")).isEqualTo("draining");
              });
      assertThat(leaving.operations("/health/live").statusCode()).isEqualTo(200);
      Await.result(drained);
      long more = load.answered() + 200;
      await().atMost(PATIENCE).until(() -> load.answered() >= more);

      List<Load.Sample> samples = load.stop();
      assertThat(samples).allMatch(Load.Sample::admitted);
      assertThat(samples).filteredOn(Load.Sample::closes).hasSize(clients);
      assertThat(samples).filteredOn(sample -> sample.node() == 1).isNotEmpty();
    }
  }

  @Test
  void aRequestThatIsUnderWayWhenTheListenerClosesIsAnswered() throws IOException {
    byte[] body = RunningNode.body("orgs:read").toString().getBytes(StandardCharsets.US_ASCII);
    String head =
        "POST "
            + RunningNode.KEYS
            + " HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
            + EdgeNodes.ADMIN
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    try (Socket socket = new Socket("127.0.0.1", leaving.port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body, 0, 10);
      socket.getOutputStream().flush();
      leaving.use(EdgeNodes.ADMIN);

      Future<Void> drained = leaving.node().drain();
      await().atMost(PATIENCE).until(() -> !listens(leaving.port()));
      assertThat(drained.isComplete()).isFalse();
      socket.getOutputStream().write(body, 10, body.length - 10);
      socket.getOutputStream().flush();

      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).startsWith("HTTP/1.1 201 ");
      JsonObject made = new JsonObject(answer.substring(answer.indexOf("\r\n\r\n") + 4));
      assertThat(staying.use(made.getString("key")).statusCode()).isEqualTo(200);
      Await.result(drained);
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void theLastUsesAreWrittenBeforeItIsGone() {
    Made key = leaving.create();
    HttpResponse<String> used = leaving.use(key);
    String lastUsed = new JsonObject(used.body()).getString("last_used_at");

    nodes.stop(leaving);

    assertThat(staying.shown(key).getString("last_used_at")).isEqualTo(lastUsed);
  }

  @Test
  void aNodeThatHasLeftHoldsNoChangeUp() {
    Made key = staying.create();
    nodes.stop(leaving);
    PostgresEye postgres = new PostgresEye(nodes.postgresUri());

    assertThat(
            postgres.number(
                "SELECT count(*) FROM node_sessions WHERE expires_at > clock_timestamp()"))
        .isEqualTo(1);
    staying.revoke(key);
    assertThat(postgres.number("SELECT count(*) FROM node_sessions WHERE fenced")).isZero();
  }

  /** One more node, with a route to that service. */
  private RunningNode startBefore(RawUpstream upstream, String prefix) {
    RoutesConfig routes = RouteYaml.parse(RouteYaml.of(prefix, upstream, ""));
    return nodes.with(config -> config.withRoutes(routes)).start();
  }

  /** One that answers when it is released. */
  private static RawUpstream waiting(CountDownLatch release) {
    return RawUpstream.start(
        (head, connection) -> {
          release.await();
          connection.write(RawUpstream.ok("late"));
        });
  }

  @Test
  void aForwardedRequestThatIsUnderWayWhenTheListenerClosesIsAnswered() throws IOException {
    CountDownLatch release = new CountDownLatch(1);
    try (RawUpstream upstream = waiting(release)) {
      RunningNode node = startBefore(upstream, "/up");
      Made key = node.create();
      try (RawConnection client = new RawConnection(node)) {
        client.send(
            "GET /up HTTP/1.1\r\nHost: e\r\nAuthorization: Bearer " + key.secret() + "\r\n\r\n");
        await().atMost(PATIENCE).until(() -> !upstream.heads().isEmpty());

        Future<Void> drained = node.node().drain();
        await().atMost(PATIENCE).until(() -> !listens(node.port()));
        assertThat(drained.isComplete()).isFalse();
        release.countDown();

        assertThat(client.answer()).startsWith("HTTP/1.1 200 ").endsWith("late");
        assertThat(client.isClosedByTheEdge()).isTrue();
        Await.result(drained);
      }
    }
  }

  /** Grants the upgrade, sends the first half of a frame, and the other half when released. */
  private static RawUpstream webSocket(CountDownLatch release) {
    return RawUpstream.start(
        (head, connection) -> {
          connection.write(
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  + "Sec-WebSocket-Accept: accepted\r\n\r\n\u0001\u0006abc");
          connection.flush();
          release.await();
          connection.write("def\u0001\u0003not");
          connection.awaitEnd();
        });
  }

  @Test
  void aWebSocketIsClosedBetweenTwoFramesWithGoingAway() throws IOException {
    CountDownLatch release = new CountDownLatch(1);
    try (RawUpstream upstream = webSocket(release)) {
      RunningNode node = startBefore(upstream, "/ws");
      Made key = node.create();
      try (RawConnection client = new RawConnection(node)) {
        client.send(
            "GET /ws HTTP/1.1\r\nHost: e\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Authorization: Bearer "
                + key.secret()
                + "\r\n\r\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 101 ");
        assertThat(client.read(5)).isEqualTo("\u0001\u0006abc");

        Future<Void> drained = node.node().drain();
        await().atMost(PATIENCE).until(() -> !listens(node.port()));
        release.countDown();

        assertThat(client.read(3)).isEqualTo("def");
        assertThat(client.read(4)).as("close, 1001").isEqualTo("\u0088\u0002\u0003\u00e9");
        client.close();
        Await.result(drained);
        await().atMost(PATIENCE).until(() -> upstream.openConnections() == 0);
      }
    }
  }

  @Test
  void overHttp2ClientsAreToldByAGoAwayAndServedAllTheSame(@TempDir Path directory)
      throws Exception {
    FrontConfig tls = TestCertificates.front(directory, Http2Config.defaults());
    RunningNode node = nodes.with(config -> config.withHttp(config.http().withFront(tls))).start();
    Made key = staying.create();
    try (RawHttp2 client = RawHttp2.open(node.port(), TestCertificates.client())) {
      assertThat(client.ask(RawHttp2.get("/cp/partner-key", "edge", key.secret())).status())
          .isEqualTo(200);

      Future<Void> drained = node.node().drain();
      int stream = client.stream();
      client
          .frame(
              RawHttp2.HEADERS,
              RawHttp2.END_STREAM | RawHttp2.END_HEADERS,
              stream,
              client.block(stream, RawHttp2.get("/cp/partner-key", "edge", key.secret())))
          .flush();
      RawHttp2.Frame frame = client.read();
      while (frame.type() != RawHttp2.GOAWAY) {
        assertThat(frame.stream()).as("told before the answer").isNotEqualTo(stream);
        frame = client.read();
      }
      assertThat(frame.goAwayCode()).isZero();
      RawHttp2.Outcome answer = client.outcome(stream);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.headers().contains("connection")).as("malformed in HTTP/2").isFalse();
      Await.result(drained);
      assertThat(client.goAwayCodeAtEnd()).isIn(-1, 0);
    }
  }
}
