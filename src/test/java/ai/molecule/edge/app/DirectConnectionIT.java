package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.credential.ExampleCredentials;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.proxy.RawUpstream;
import ai.molecule.edge.stores.RedisServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The hottest route is answered straight at its connection, the others through Vert.x: nobody
 * outside can tell, neither by the bytes nor by their order.
 */
final class DirectConnectionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** With it a request has a body, if an empty one, and is not answered directly. */
  private static final String THROUGH_VERTX = "Content-Length: 0\r\n";

  private RedisServerHandle redis;
  private EdgeNodes nodes;
  private RunningNode node;

  @BeforeEach
  void start() {
    redis = TestStores.startRedis();
    nodes = EdgeNodes.on(TestStores.freshDatabase(), redis.uri());
    node = nodes.start();
  }

  @AfterEach
  void stop() {
    nodes.close();
    redis.close();
  }

  private static String get(String id, String credential, String more) {
    String authorization =
        credential.isEmpty() ? "" : "Authorization: Bearer " + credential + "\r\n";
    return "GET /cp/partner-key HTTP/1.1\r\nHost: a\r\nX-Request-Id: "
        + id
        + "\r\n"
        + authorization
        + more
        + "\r\n";
  }

  private Map<String, String> credentials() {
    Map<String, String> cases = new LinkedHashMap<>();
    cases.put("warm", node.create().secret());
    cases.put("none", "");
    cases.put("malformed", "mol_pk_live_x");
    cases.put("bad checksum", ExampleCredentials.LIVE_KEY.replace("39HjmP", "39HjmQ"));
    cases.put("unknown", ExampleCredentials.LIVE_KEY);
    cases.put("workspace token", ExampleCredentials.WORKSPACE_TOKEN);
    cases.put("admin", EdgeNodes.ADMIN);
    cases.put("never leased", node.createLimited(60_000, 10).secret());
    Made limited = node.createLimited(1, 1);
    node.use(limited);
    cases.put("limited", limited.secret());
    Made rotated = node.create();
    node.rotate(rotated, 3_600);
    cases.put("in grace", rotated.secret());
    Made revoked = node.create();
    node.use(revoked);
    node.revoke(revoked);
    cases.put("revoked", revoked.secret());
    Made disabled = node.create();
    node.patch(disabled, new JsonObject().put("disabled", true));
    cases.put("disabled", disabled.secret());
    JsonArray elsewhere = new JsonArray().add("203.0.113.0/24");
    cases.put("elsewhere", node.create(RunningNode.body().put("ip_allow", elsewhere)).secret());
    return cases;
  }

  @Test
  void bothWaysAnswerWithTheSameBytes() throws IOException {
    for (Map.Entry<String, String> asked : credentials().entrySet()) {
      try (RawConnection connection = new RawConnection(node)) {
        List<String> answers = new ArrayList<>();
        for (String more : List.of("", THROUGH_VERTX, "Connection: keep-alive\r\n")) {
          // Twice: the first may have to ask a store.
          connection.send(get("same", asked.getValue(), more)).answer();
          answers.add(steady(connection.send(get("same", asked.getValue(), more)).answer()));
        }
        assertThat(answers).as(asked.getKey()).allMatch(answers.getFirst()::equals);
      }
    }
  }

  /** Without what differs from one second to the next. */
  private static String steady(String answer) {
    return answer
        .replaceAll("\"key\";r=\\d+;t=\\d+", "\"key\";r=;t=")
        .replaceAll("(?i)retry-after: \\d+", "retry-after:")
        .replaceAll("\"last_used_at\":\"[^\"]+\"", "\"last_used_at\":\"\"");
  }

  @Test
  void answersComeInTheOrderOfTheirRequests() throws IOException {
    String warm = node.create("orgs:read").secret();
    String exact = node.createLimited(60_000_000, 100).secret();
    List<UnaryOperator<String>> kinds =
        List.of(
            id -> get(id, warm, ""),
            id -> get(id, warm, ""),
            id -> get(id, warm, THROUGH_VERTX),
            id -> get(id, exact, ""),
            id -> get(id, ExampleCredentials.LIVE_KEY, ""),
            id -> get(id, warm, "").replace("/cp/partner-key", "/cp/orgs"),
            id -> get(id, warm, "").replace("/cp/partner-key", "/nowhere"),
            id ->
                get(id, warm, "Content-Length: 2\r\n")
                        .replace("GET /cp/partner-key", "POST /cp/orgs")
                    + "{}");
    Random random = new Random(20261123);
    for (int round = 0; round < 60; round++) {
      StringBuilder requests = new StringBuilder();
      List<String> ids = new ArrayList<>();
      for (int at = 0; at < 1 + random.nextInt(30); at++) {
        ids.add("r" + round + "-" + at);
        requests.append(kinds.get(random.nextInt(kinds.size())).apply(ids.getLast()));
      }
      try (RawConnection connection = new RawConnection(node)) {
        connection.send(requests.toString());
        for (String id : ids) {
          assertThat(connection.answer()).contains("X-Request-Id: " + id + "\r\n");
        }
      }
    }
  }

  @Test
  void manyRequestsInOneWriteAreHeldBackAndAllAnswered() throws IOException {
    String exact = node.createLimited(60_000_000, 100).secret();
    int count = 3_000;
    StringBuilder requests = new StringBuilder();
    for (int at = 0; at < count; at++) {
      requests.append(get("n" + at, exact, ""));
    }
    try (RawConnection connection = new RawConnection(node)) {
      Thread writing =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      connection.send(requests.toString());
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      for (int at = 0; at < count; at++) {
        assertThat(connection.answer()).contains("X-Request-Id: n" + at + "\r\n");
      }
      assertThat(writing.isAlive()).isFalse();
    }
  }

  /** What is held back behind an awaited answer may go on to Vert.x, which then stops reading. */
  @Test
  void nothingMoreIsReadBehindARequestThatTakesLong() throws Exception {
    String exact = node.createLimited(60_000_000, 100).secret();
    try (RawUpstream silent = RawUpstream.start((head, connection) -> connection.awaitEnd())) {
      RunningNode forwarding =
          nodes
              .with(config -> config.withRoutes(RouteYaml.parse(RouteYaml.of("/up", silent, ""))))
              .start();
      String behind = get("behind", exact, "").repeat(1_000);
      try (SocketChannel client =
          SocketChannel.open(new InetSocketAddress("127.0.0.1", forwarding.port()))) {
        String slow = get("slow", exact, "").replace("/cp/partner-key", "/up");
        client.write(bytes(get("awaited", exact, "") + slow + get("behind", exact, "").repeat(20)));
        await().atMost(PATIENCE).until(() -> silent.heads().size() == 1);
        client.configureBlocking(false);
        AtomicLong written = new AtomicLong();
        // Some megabytes stand in the buffers of the two sockets.
        await()
            .atMost(PATIENCE)
            .during(Duration.ofSeconds(1))
            .until(
                () -> {
                  int more;
                  do {
                    more = client.write(bytes(behind));
                    written.addAndGet(more);
                  } while (more > 0 && written.get() < 100_000_000);
                  return more == 0 || written.get() >= 100_000_000;
                });
        assertThat(written.get()).isLessThan(100_000_000);
      }
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void aRequestThatEndsItsConnectionIsTheLastOneAnswered() throws IOException {
    String warm = node.create().secret();
    node.use(warm);
    try (RawConnection connection = new RawConnection(node)) {
      String said =
          connection
              .send(
                  get("one", warm, "")
                      + get("two", warm, "Connection: close\r\n")
                      + get("three", warm, ""))
              .untilClosed();
      assertThat(said).contains("X-Request-Id: one", "X-Request-Id: two");
      assertThat(said).doesNotContain("X-Request-Id: three");
    }
  }

  @Test
  void anAnswerThatIsAwaitedIsGivenByANodeThatLeaves() throws IOException {
    String exact = node.createLimited(60_000_000, 100).secret();
    node.use(exact);
    redis.pause();
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(get("awaited", exact, ""));
      Future<Void> drained = node.node().drain();
      assertThat(connection.answer()).startsWith("HTTP/1.1 ").contains("X-Request-Id: awaited");
      Await.result(drained);
    } finally {
      redis.resume();
    }
  }

  @Test
  void aClientThatGoesAwayWhileItsAnswerIsAwaitedIsCountedAsGone() throws IOException {
    String exact = node.createLimited(60_000_000, 100).secret();
    node.use(exact);
    redis.pause();
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(get(UUID.randomUUID().toString(), exact, ""));
      connection.endOfInput();
    }
    try {
      await().atMost(PATIENCE).until(() -> counted("status=\"499\""));
    } finally {
      redis.resume();
    }
    await().atMost(PATIENCE).until(() -> node.use(exact).statusCode() == 200);
  }

  private boolean counted(String label) {
    return node.operations("/metrics")
        .body()
        .lines()
        .anyMatch(line -> line.startsWith("edge_requests_total{") && line.contains(label));
  }
}
