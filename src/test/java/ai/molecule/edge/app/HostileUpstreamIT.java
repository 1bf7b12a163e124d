package ai.molecule.edge.app;

import static ai.molecule.edge.app.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.proxy.RawUpstream;
import ai.molecule.edge.proxy.UpstreamsConfig;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Services behind the edge that refuse, reset, hang and fail. Each failure has its name, and what
 * another one can answer is answered.
 */
final class HostileUpstreamIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension final RoutedNode edge = new RoutedNode("orgs:read");

  @Test
  void oneThatIsNotThereIs503Refused() throws IOException {
    int free;
    try (ServerSocket taken = new ServerSocket(0)) {
      free = taken.getLocalPort();
    }
    edge.start(RouteYaml.of(RouteYaml.route("/up", "http://127.0.0.1:" + free, "")));
    assertProblem(edge.get("/up"), 503, "upstream_refused");
    assertProblem(edge.post("/up", "{}"), 503, "upstream_refused");
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
      edge.start(
          RouteYaml.of(
              RouteYaml.route("/r", resets, ""),
              RouteYaml.route("/c", closes, ""),
              RouteYaml.route("/s", stops, "")));
      assertProblem(edge.get("/r"), 502, "upstream_reset");
      assertProblem(edge.get("/c"), 502, "upstream_reset");
      assertProblem(edge.get("/s"), 502, "upstream_reset");
      assertProblem(edge.post("/r", "{}"), 502, "upstream_reset");
      assertThat(resets.heads()).as("nothing it may have seen is sent again").hasSize(2);
    }
  }

  @Test
  void oneThatDoesNotAnswerInTimeIs504AndItsConnectionIsNotUsedAgain() {
    try (RawUpstream silent = RawUpstream.start((head, connection) -> connection.awaitEnd())) {
      edge.start(RouteYaml.of("/up", silent, ", timeout_ms: 100"));
      assertProblem(edge.get("/up"), 504, "upstream_timeout");
      assertProblem(edge.post("/up", "{}"), 504, "upstream_timeout");
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
      edge.start(RouteYaml.of("/up", slow, ""), 2, 0);
      List<Thread> clients = new ArrayList<>();
      List<Integer> saturated = new CopyOnWriteArrayList<>();
      List<Integer> answered = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 8; i++) {
        clients.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      HttpResponse<String> got = edge.get("/up");
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

  @Test
  void anUpstreamThatFailsIsLeftOutAndTheOthersAnswer() {
    try (RawUpstream good = RawUpstream.withBody("good");
        RawUpstream fine = RawUpstream.withBody("good");
        RawUpstream bad = RawUpstream.answering("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")) {
      edge.start(RouteYaml.of(RouteYaml.among("/up", good.url(), bad.url(), fine.url())));
      int bounds = 2 * UpstreamsConfig.defaults().ejectionFailures();
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                edge.get("/up");
                return bad.heads().size() >= bounds / 2;
              });
      for (int i = 0; i < 100; i++) {
        edge.get("/up");
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
      edge.start(RouteYaml.of(RouteYaml.among("/up", "http://127.0.0.1:" + free, good.url())));
      for (int i = 0; i < 40; i++) {
        assertThat(edge.get("/up").body()).isEqualTo("good");
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
      edge.start(RouteYaml.of("/up", upstream, ""));
      try (RawConnection client = edge.connect()) {
        client.send(edge.request("GET /up HTTP/1.1"));
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(edge.node().operations("/metrics").body())
                      .contains("status=\"499\"")
                      .containsPattern(
                          "edge_upstream_requests_total\\{route=\"/up\",upstream=\"client_gone\"}"
                              + " 1"));
    }
  }
}
