package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.proxy.RawUpstream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client gets of the answer of a service behind the edge. */
final class ForwardedAnswerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension final RoutedNode edge = new RoutedNode("orgs:read");

  @Test
  void comesBackWithItsHeadersAndOurs() {
    try (RawUpstream upstream =
        RawUpstream.answering(
            "HTTP/1.1 418 Teapot\r\nContent-Length: 3\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
                + "X-Request-Id: theirs\r\nRateLimit: theirs\r\nX-Mol-Key-Id: theirs\r\n"
                + "Mol-Cost: 1\r\nConnection: X-Hop\r\nX-Hop: 1\r\nETag: \"e\"\r\n\r\ntea")) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      HttpResponse<String> answer = edge.get("/up");
      assertThat(answer.statusCode()).isEqualTo(418);
      assertThat(answer.body()).isEqualTo("tea");
      assertThat(answer.headers().allValues("set-cookie")).containsExactly("a=1", "b=2");
      assertThat(answer.headers().firstValue("etag")).contains("\"e\"");
      assertThat(answer.headers().allValues("x-request-id")).hasSize(1).doesNotContain("theirs");
      assertThat(answer.headers().allValues("ratelimit")).hasSize(1).doesNotContain("theirs");
      assertThat(answer.headers().map()).doesNotContainKeys("x-mol-key-id", "mol-cost", "x-hop");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\nETag: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
      })
  void mayHaveNoBody(String answer) {
    try (RawUpstream upstream = RawUpstream.answering(answer)) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      for (int i = 0; i < 3; i++) {
        assertThat(edge.get("/up").body()).isEmpty();
      }
      assertThat(upstream.connections()).as("used again, on each loop").isLessThanOrEqualTo(2);
    }
  }

  @Test
  void toAHeadHasTheLengthAndNoBody() {
    try (RawUpstream upstream =
        RawUpstream.answering("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      HttpResponse<String> answer = edge.node().send("HEAD", "/up", edge.key().secret(), null);
      assertThat(answer.headers().firstValue("content-length")).contains("1234");
      assertThat(answer.body()).isEmpty();
      assertThat(upstream.head().line()).isEqualTo("HEAD /up HTTP/1.1");
    }
  }

  /** Far more than the buffers between them hold, to a reader that stands still meanwhile. */
  @Test
  void waitsForASlowReaderWithoutBeingGathered() throws Exception {
    long bytes = 400L << 20;
    byte[] piece = new byte[1 << 16];
    AtomicLong written = new AtomicLong();
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              connection.write("HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n");
              for (long sent = 0; sent < bytes; sent += piece.length) {
                connection.write(piece);
                connection.flush();
                written.addAndGet(piece.length);
              }
            })) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      try (RawConnection client = edge.connect()) {
        client.send(edge.request("GET /up HTTP/1.1"));
        assertThat(Standstill.of(written::get)).isLessThan(64L << 20);
        // Others are not hurt.
        assertThat(edge.node().use(edge.key()).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void canBeEventsThatArriveAsTheyAreSent() throws Exception {
    CountDownLatch next = new CountDownLatch(1);
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              connection.write(
                  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                      + "Transfer-Encoding: chunked\r\n\r\n");
              next.await();
              connection.write("9\r\ndata: 1\n\n\r\n");
              connection.awaitEnd();
            })) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      try (RawConnection client = edge.connect()) {
        client.send(edge.request("GET /up HTTP/1.1"));
        assertThat(client.answer()).startsWith("HTTP/1.1 200 ").contains("text/event-stream");
        next.countDown();
        assertThat(client.read(14)).isEqualTo("9\r\ndata: 1\n\n\r\n");
        edge.node().revoke(edge.key());
        assertThat(client.isClosedByTheEdge()).isTrue();
        await().atMost(PATIENCE).until(() -> upstream.openConnections() == 0);
      }
    }
  }
}
