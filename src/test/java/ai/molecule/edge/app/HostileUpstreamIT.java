package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.proxy.RawUpstream;
import ai.molecule.edge.proxy.UpstreamsConfig;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Services behind the edge that refuse, reset, hang, cut, lie and flood. Each failure has its name,
 * no answer that was cut short looks whole, and none ends up at another client.
 */
final class HostileUpstreamIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private EdgeNodes nodes;
  private RunningNode node;
  private Made key;

  private void start(String yaml) {
    start(yaml, UpstreamsConfig.defaults());
  }

  private void start(String yaml, UpstreamsConfig upstreams) {
    nodes =
        EdgeNodes.onSharedStores()
            .with(config -> config.withRoutes(ForwardingIT.routes(yaml)).withUpstreams(upstreams));
    node = nodes.start();
    key = node.create("orgs:read");
  }

  @AfterEach
  void stop() {
    if (nodes != null) {
      nodes.close();
    }
  }

  private HttpResponse<String> get(String path) {
    return node.send("GET", path, key.secret(), null);
  }

  /** What the client reads of the whole connection. */
  private String raw(String path, String version) throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(
          "GET "
              + path
              + " HTTP/"
              + version
              + "\r\nHost: e\r\nAuthorization: Bearer "
              + key.secret()
              + "\r\n\r\n");
      return connection.untilClosed();
    }
  }

  private void assertProblem(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo(code);
  }

  @Test
  void oneThatIsNotThereIs503Refused() throws IOException {
    int free;
    try (ServerSocket taken = new ServerSocket(0)) {
      free = taken.getLocalPort();
    }
    start("routes: [{prefix: /up, upstream: 'http://127.0.0.1:" + free + "', scope: 'orgs:read'}]");
    assertProblem(get("/up"), 503, "upstream_refused");
    assertProblem(node.send("POST", "/up", key.secret(), "{}"), 503, "upstream_refused");
  }

  @Test
  void oneThatResetsOrClosesBeforeItAnswersIs502Reset() {
    try (RawUpstream resets = RawUpstream.start((head, connection) -> connection.reset());
        RawUpstream closes = RawUpstream.start((head, connection) -> connection.close());
        RawUpstream stops =
            RawUpstream.start(
                (head, connection) -> {
                  connection.write("HTTP/1.1 200 OK\r\nContent-Le");
                  connection.close();
                })) {
      start(
          "routes: [{prefix: /r, upstream: '"
              + resets.url()
              + "', scope: 'orgs:read'}, {prefix: /c, upstream: '"
              + closes.url()
              + "', scope: 'orgs:read'}, {prefix: /s, upstream: '"
              + stops.url()
              + "', scope: 'orgs:read'}]");
      assertProblem(get("/r"), 502, "upstream_reset");
      assertProblem(get("/c"), 502, "upstream_reset");
      assertProblem(get("/s"), 502, "upstream_reset");
      assertProblem(node.send("POST", "/r", key.secret(), "{}"), 502, "upstream_reset");
      assertThat(resets.heads()).as("nothing it may have seen is sent again").hasSize(2);
    }
  }

  @Test
  void oneThatDoesNotAnswerInTimeIs504AndItsConnectionIsNotUsedAgain() {
    try (RawUpstream silent = RawUpstream.start((head, connection) -> connection.awaitEnd())) {
      start(ForwardingIT.route("/up", silent, ", timeout_ms: 100"));
      assertProblem(get("/up"), 504, "upstream_timeout");
      assertProblem(node.send("POST", "/up", key.secret(), "{}"), 504, "upstream_timeout");
      await().atMost(PATIENCE).until(() -> silent.openConnections() == 0);
    }
  }

  @Test
  void whenTheConnectionsAndTheQueueAreFullItIs503Saturated() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (RawUpstream slow =
        RawUpstream.start(
            (head, connection) -> {
              answer.await();
              connection.write(RawUpstream.ok("late"));
            })) {
      // Two event loops: one connection and no place in the queue for each.
      start(ForwardingIT.route("/up", slow, ""), small(2, 0));
      List<Thread> clients = new ArrayList<>();
      List<Integer> saturated = new java.util.concurrent.CopyOnWriteArrayList<>();
      List<Integer> answered = new java.util.concurrent.CopyOnWriteArrayList<>();
      for (int i = 0; i < 8; i++) {
        clients.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      HttpResponse<String> got = get("/up");
                      if (got.statusCode() == 200) {
                        answered.add(200);
                      } else {
                        assertProblem(got, 503, "upstream_saturated");
                        assertThat(got.headers().firstValue("retry-after")).contains("1");
                        saturated.add(503);
                      }
                    }));
      }
      await().atMost(PATIENCE).until(() -> saturated.size() >= 6);
      answer.countDown();
      for (Thread client : clients) {
        client.join();
      }
      assertThat(answered.size() + saturated.size()).isEqualTo(8);
      assertThat(answered).isNotEmpty();
    }
  }

  private static UpstreamsConfig small(int connectionsMax, int queueMax) {
    UpstreamsConfig shipped = UpstreamsConfig.defaults();
    return new UpstreamsConfig(
        connectionsMax,
        queueMax,
        shipped.connectTimeout(),
        shipped.keepAlive(),
        shipped.idleTimeout(),
        shipped.headBytesMax(),
        shipped.streamsPerKeyMax(),
        shipped.ejectionFailures(),
        shipped.ejectionTime());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\n: nameless\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
      })
  void whatIsNoAnswerIs502Invalid(String answer) {
    try (RawUpstream upstream = RawUpstream.answering(answer)) {
      start(ForwardingIT.route("/up", upstream, ""));
      assertProblem(get("/up"), 502, "upstream_invalid");
      assertThat(node.use(key).statusCode()).isEqualTo(200);
      await().atMost(PATIENCE).until(() -> upstream.openConnections() == 0);
    }
  }

  @Test
  void anAnswerOfAHundredThousandHeadersIs502Invalid() {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              connection.write("HTTP/1.1 200 OK\r\n");
              for (int i = 0; i < 100_000; i++) {
                connection.write(("X-" + i + ": y\r\n").getBytes("ISO-8859-1"));
              }
              connection.write("Content-Length: 0\r\n\r\n");
            })) {
      start(ForwardingIT.route("/up", upstream, ""));
      assertProblem(get("/up"), 502, "upstream_invalid");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhel"
      })
  void anAnswerCutShortNeverLooksWhole(String answer) throws IOException {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              connection.write(answer);
              connection.close();
            })) {
      start(ForwardingIT.route("/up", upstream, ""));
      for (int i = 0; i < 20; i++) {
        String got = raw("/up", "1.1");
        assertThat(got).startsWith("HTTP/1.1 200 OK\r\n").contains("hello");
        boolean chunked = got.toLowerCase(java.util.Locale.ROOT).contains("transfer-encoding");
        if (chunked) {
          assertThat(got).doesNotEndWith("0\r\n\r\n");
        } else {
          assertThat(got).contains("ontent-").doesNotEndWith("hellohello");
        }
      }
    }
  }

  @Test
  void anAnswerThatEndsWithItsConnectionIsPassedOnAsItIs() throws IOException {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              connection.write("HTTP/1.1 200 OK\r\n\r\nhello");
              connection.close();
            })) {
      start(ForwardingIT.route("/up", upstream, ""));
      assertThat(get("/up").body()).isEqualTo("hello");
    }
  }

  @Test
  void interimAnswersAreNotTakenForTheAnswer() {
    try (RawUpstream upstream =
        RawUpstream.answering(
            "HTTP/1.1 102 Processing\r\n\r\n"
                + "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 100 Continue\r\n\r\n"
                + "HTTP/1.1 199 Whatever\r\n\r\n"
                + RawUpstream.ok("final"))) {
      start(ForwardingIT.route("/up", upstream, ""));
      for (int i = 0; i < 20; i++) {
        HttpResponse<String> answer = get("/up");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("final");
      }
    }
  }

  /** What is behind the end of an answer is nobody's answer, however soon the next one asks. */
  @Test
  void anAnswerTooManyReachesNobody() throws Exception {
    try (RawUpstream liar =
        RawUpstream.start(
            (head, connection) ->
                connection.write(
                    RawUpstream.ok(head.line().split(" ")[1]) + RawUpstream.ok("of another")))) {
      start(ForwardingIT.route("/up", liar, ""), small(2, 1_000));
      List<Thread> clients = new ArrayList<>();
      List<String> wrong = new java.util.concurrent.CopyOnWriteArrayList<>();
      for (int i = 0; i < 16; i++) {
        String path = "/up/" + i;
        clients.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int n = 0; n < 50; n++) {
                        HttpResponse<String> got = get(path);
                        if (got.statusCode() == 200 && !got.body().equals(path)) {
                          wrong.add(path + ": " + got.body());
                        }
                      }
                    }));
      }
      for (Thread client : clients) {
        client.join();
      }
      assertThat(wrong).isEmpty();
    }
  }

  @Test
  void anEarlyAnswerIsPassedOnAndTheRestOfTheRequestGoesNowhere() {
    try (RawUpstream hasty =
        RawUpstream.start(
            (head, connection) -> {
              connection.write(
                  "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!");
              connection.awaitEnd();
            })) {
      start(ForwardingIT.route("/up", hasty, ""));
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> answer = node.send("POST", "/up", key.secret(), "x".repeat(3_000_000));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).isEqualTo("no!");
        assertThat(get("/cp/partner-key").statusCode()).isEqualTo(200);
      }
      await().atMost(PATIENCE).until(() -> hasty.openConnections() == 0);
    }
  }

  @Test
  void anUpstreamThatFailsIsLeftOutAndTheOthersAnswer() {
    try (RawUpstream good = RawUpstream.withBody("good");
        RawUpstream fine = RawUpstream.withBody("good");
        RawUpstream bad = RawUpstream.answering("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")) {
      start(
          "routes: [{prefix: /up, scope: 'orgs:read', upstreams: ['"
              + good.url()
              + "', '"
              + bad.url()
              + "', '"
              + fine.url()
              + "']}]");
      int bounds = 2 * UpstreamsConfig.defaults().ejectionFailures();
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                get("/up");
                return bad.heads().size() >= bounds / 2;
              });
      for (int i = 0; i < 100; i++) {
        get("/up");
      }
      assertThat(bad.heads()).as("on each of two event loops").hasSizeLessThanOrEqualTo(bounds);
    }
  }

  @Test
  void whereOneCannotBeReachedAnotherIsTried() throws IOException {
    int free;
    try (ServerSocket taken = new ServerSocket(0)) {
      free = taken.getLocalPort();
    }
    try (RawUpstream good = RawUpstream.withBody("good")) {
      start(
          "routes: [{prefix: /up, scope: 'orgs:read', upstreams: ['http://127.0.0.1:"
              + free
              + "', '"
              + good.url()
              + "']}]");
      for (int i = 0; i < 40; i++) {
        assertThat(get("/up").body()).isEqualTo("good");
      }
    }
  }

  @Test
  void aClientThatGoesAwayEndsItsRequestUpstream() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              asked.countDown();
              try {
                connection.awaitEnd();
              } finally {
                ended.countDown();
              }
            })) {
      start(ForwardingIT.route("/up", upstream, ""));
      try (RawConnection client = new RawConnection(node)) {
        client.send(
            "GET /up HTTP/1.1\r\nHost: e\r\nAuthorization: Bearer " + key.secret() + "\r\n\r\n");
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(node.operations("/metrics").body())
                      .contains("status=\"499\"")
                      .containsPattern(
                          "edge_upstream_requests_total\\{route=\"/up\",upstream=\"client_gone\"}"
                              + " 1"));
    }
  }
}
