package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.proxy.RawUpstream;
import ai.molecule.edge.proxy.UpstreamsConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests and answers that HTTP allows and few send: each comes to its end, and its connection is
 * good for the next one or ends.
 */
final class ForwardingCornersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private EdgeNodes nodes;
  private RunningNode node;
  private Made key;

  private void start(RawUpstream upstream, String more) {
    EdgeNodes plain = nodes == null ? EdgeNodes.onSharedStores() : nodes;
    nodes =
        plain.with(
            config -> config.withRoutes(RouteYaml.parse(RouteYaml.of("/up", upstream, more))));
    node = nodes.start();
    key = node.create("orgs:read");
  }

  @AfterEach
  void stop() {
    if (nodes != null) {
      nodes.close();
    }
  }

  private String request(String method, String version, String more) {
    return method
        + " /up HTTP/"
        + version
        + "\r\nHost: e\r\nAuthorization: Bearer "
        + key.secret()
        + "\r\n"
        + more
        + "\r\n";
  }

  private static String head(String answer) {
    return answer.substring(0, answer.indexOf("\r\n\r\n")).toLowerCase(Locale.ROOT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 2\r\n\r\nhi",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
      })
  void aHeadWithABodyIsAnsweredWithoutOne(String body) throws IOException {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              connection.readBody(head);
              connection.write("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
              if (head.line().startsWith("GET")) {
                connection.write("a body.");
              }
            })) {
      start(upstream, "");
      try (RawConnection client = new RawConnection(node)) {
        for (int i = 0; i < 3; i++) {
          client.send(request("HEAD", "1.1", "").replaceFirst("\r\n\r\n", "\r\n" + body));
          assertThat(client.readHead()).contains("content-length: 7");
        }
        assertThat(client.send(request("GET", "1.1", "")).answer()).endsWith("a body.");
      }
      assertThat(upstream.connections()).isEqualTo(1);
    }
  }

  /** It knows no chunks: the end of the connection is that of the answer. */
  @ParameterizedTest
  @ValueSource(strings = {"hello", ""})
  void aClientOfHttp10ThatWouldStayIsToldTheEndOfAnAnswerOfUnknownLength(String first)
      throws IOException {
    CountDownLatch go = new CountDownLatch(first.isEmpty() ? 1 : 0);
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
              go.await();
              connection.write("5\r\nhello\r\n0\r\n\r\n");
            })) {
      start(upstream, "");
      try (RawConnection client = new RawConnection(node)) {
        client.send(request("GET", "1.0", "Connection: keep-alive\r\n"));
        await().atMost(PATIENCE).until(() -> upstream.heads().size() == 1);
        go.countDown();
        String said = client.untilClosed();
        assertThat(said).endsWith("\r\n\r\nhello");
        assertThat(head(said)).doesNotContain("connection: keep-alive", "transfer-encoding");
      }
    }
  }

  @Test
  void aClientOfHttp10StaysForAnAnswerOfKnownLength() throws IOException {
    try (RawUpstream upstream = RawUpstream.withBody("hello")) {
      start(upstream, "");
      try (RawConnection client = new RawConnection(node)) {
        for (int i = 0; i < 2; i++) {
          String said = client.send(request("GET", "1.0", "Connection: keep-alive\r\n")).answer();
          assertThat(said).endsWith("hello");
          assertThat(head(said)).contains("connection: keep-alive");
        }
      }
    }
  }

  /** RFC 9110, section 8.6: clients have been known to wait for that body. */
  @Test
  void anAnswerThatHasNoBodyDoesNotSayThatItHasOne() throws IOException {
    try (RawUpstream upstream =
        RawUpstream.answering("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")) {
      start(upstream, "");
      try (RawConnection client = new RawConnection(node)) {
        client.send(request("GET", "1.1", ""));
        assertThat(client.readHead()).startsWith("http/1.1 204").doesNotContain("content-length");
        client.send(request("GET", "1.1", ""));
        assertThat(client.readHead()).startsWith("http/1.1 204");
      }
    }
  }

  /** The upstream is the slower one, and takes all of it in its time. */
  @Test
  void anUploadThatGoesOnIsNotTooLate() {
    int bytes = 40_000_000;
    try (RawUpstream slow =
        RawUpstream.start(
            (head, connection) -> {
              for (int read = 0; read < bytes; read += bytes / 40) {
                connection.read(bytes / 40);
                Thread.sleep(Duration.ofMillis(60));
              }
              connection.write(RawUpstream.ok("all of it"));
            })) {
      start(slow, ", timeout_ms: 1000");
      var answer = node.send("POST", "/up", key.secret(), "x".repeat(bytes));
      assertThat(answer.body()).isEqualTo("all of it");
    }
  }

  /** As long as the route says, whatever idle connections are given. */
  @Test
  void anAnswerThatIsLongInComingIsWaitedFor() {
    try (RawUpstream slow =
        RawUpstream.start(
            (head, connection) -> {
              Thread.sleep(Duration.ofSeconds(2));
              connection.write(RawUpstream.ok("at last"));
            })) {
      nodes = EdgeNodes.onSharedStores().with(ForwardingCornersIT::hasty);
      start(slow, "");
      assertThat(node.send("GET", "/up", key.secret(), null).body()).isEqualTo("at last");
      assertThat(node.send("POST", "/up", key.secret(), "{}").body()).isEqualTo("at last");
    }
  }

  private static EdgeConfig hasty(EdgeConfig config) {
    UpstreamsConfig upstreams = config.upstreams();
    return config
        .withHttp(config.http().withIdleTimeout(Duration.ofSeconds(1)))
        .withUpstreams(
            new UpstreamsConfig(
                upstreams.connectionsMax(),
                upstreams.queueMax(),
                upstreams.connectTimeout(),
                upstreams.keepAlive(),
                Duration.ofSeconds(1),
                upstreams.headBytesMax(),
                upstreams.streamsPerKeyMax(),
                upstreams.ejectionFailures(),
                upstreams.ejectionTime()));
  }

  @Test
  void aBodyOfNoChunkArrivesAsOne() throws IOException {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) ->
                connection.write(RawUpstream.ok("[" + connection.readBody(head) + "]")))) {
      start(upstream, "");
      try (RawConnection client = new RawConnection(node)) {
        for (int i = 0; i < 3; i++) {
          client.send(
              request("POST", "1.1", "Transfer-Encoding: chunked\r\n") + "0\r\nTrailer: x\r\n\r\n");
          assertThat(client.answer()).endsWith("[]");
          client.send(request("POST", "1.1", "Content-Length: 0\r\n"));
          assertThat(client.answer()).endsWith("[]");
        }
      }
      assertThat(upstream.heads()).allMatch(head -> head.all("trailer").isEmpty());
    }
  }

  @Test
  void aBodyWhoseChunksAreNoneNeverLooksWholeToTheUpstream() throws Exception {
    AtomicReference<String> read = new AtomicReference<>();
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              StringBuilder all = new StringBuilder();
              try {
                while (true) {
                  all.append((char) connection.read());
                }
              } finally {
                read.set(all.toString());
              }
            })) {
      start(upstream, "");
      try (RawConnection client = new RawConnection(node)) {
        client.send(request("POST", "1.1", "Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n");
        await().atMost(PATIENCE).until(() -> upstream.bytesRead() > 0);
        client.send("nonsense\r\n");
        client.untilClosed();
        await().atMost(PATIENCE).until(() -> read.get() != null);
        assertThat(read.get()).doesNotContain("0\r\n\r\n");
      }
      await().atMost(PATIENCE).until(() -> inFlight() == 0);
    }
  }

  private double inFlight() {
    return node.operations("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("edge_forwarded_in_flight"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
