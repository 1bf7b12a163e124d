package ai.molecule.edge.app;

import static ai.molecule.edge.app.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.proxy.RawUpstream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Services behind the edge that answer nonsense, too much, too soon or not to the end. No answer
 * that was cut short looks whole, and none ends up at another client.
 */
final class HostileAnswersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension final RoutedNode edge = new RoutedNode("orgs:read");

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
      edge.start(RouteYaml.of("/up", upstream, ""));
      assertProblem(edge.get("/up"), 502, "upstream_invalid");
      assertThat(edge.node().use(edge.key()).statusCode()).isEqualTo(200);
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
      edge.start(RouteYaml.of("/up", upstream, ""));
      assertProblem(edge.get("/up"), 502, "upstream_invalid");
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
      edge.start(RouteYaml.of("/up", upstream, ""));
      for (int i = 0; i < 20; i++) {
        String got = all("/up");
        assertThat(got).startsWith("HTTP/1.1 200 OK\r\n").contains("hello");
        boolean chunked = got.toLowerCase(Locale.ROOT).contains("transfer-encoding");
        if (chunked) {
          assertThat(got).doesNotEndWith("0\r\n\r\n");
        } else {
          assertThat(got).contains("ontent-").doesNotEndWith("hellohello");
        }
      }
    }
  }

  /** What the client reads of the whole connection. */
  private String all(String path) throws IOException {
    try (RawConnection connection = edge.connect()) {
      connection.send(edge.request("GET " + path + " HTTP/1.1"));
      return connection.untilClosed();
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
      edge.start(RouteYaml.of("/up", upstream, ""));
      assertThat(edge.get("/up").body()).isEqualTo("hello");
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
      edge.start(RouteYaml.of("/up", upstream, ""));
      for (int i = 0; i < 20; i++) {
        HttpResponse<String> answer = edge.get("/up");
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
      edge.start(RouteYaml.of("/up", liar, ""), 2, 1_000);
      List<Thread> clients = new ArrayList<>();
      List<String> wrong = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 16; i++) {
        String path = "/up/" + i;
        clients.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int n = 0; n < 50; n++) {
                        HttpResponse<String> got = edge.get(path);
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
      edge.start(RouteYaml.of("/up", hasty, ""));
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> answer = edge.post("/up", "x".repeat(3_000_000));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).isEqualTo("no!");
        assertThat(edge.get("/cp/partner-key").statusCode()).isEqualTo(200);
      }
      await().atMost(PATIENCE).until(() -> hasty.openConnections() == 0);
    }
  }
}
