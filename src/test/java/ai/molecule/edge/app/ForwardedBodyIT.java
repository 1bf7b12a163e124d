package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.proxy.RawUpstream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A body on its way to a service behind the edge. */
final class ForwardedBodyIT {
  @RegisterExtension final RoutedNode edge = new RoutedNode("orgs:read");

  /** A service that appends the bodies it is sent to {@code bodies}, and says thanks. */
  private static RawUpstream noting(StringBuilder bodies) {
    return RawUpstream.start(
        (head, connection) -> {
          bodies.append(connection.readBody(head));
          connection.write(RawUpstream.ok("thanks"));
        });
  }

  @Test
  void ofKnownLengthArrivesWithThatLength() {
    StringBuilder bodies = new StringBuilder();
    try (RawUpstream upstream = noting(bodies)) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      String body = "x".repeat(200_000);
      HttpResponse<String> answer = edge.post("/up", body);
      assertThat(answer.body()).isEqualTo("thanks");
      assertThat(upstream.head().one("content-length")).isEqualTo("200000");
      assertThat(upstream.head().one("content-type")).isEqualTo("application/json");
      assertThat(bodies.toString()).isEqualTo(body);
    }
  }

  @Test
  void inChunksArrivesInChunks() {
    StringBuilder bodies = new StringBuilder();
    try (RawUpstream upstream = noting(bodies)) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      byte[] body = "y".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
      HttpResponse<String> answer =
          RunningNode.send(
              edge.node()
                  .request("POST", "/up", edge.key().secret())
                  .POST(
                      HttpRequest.BodyPublishers.ofInputStream(
                          () -> new ByteArrayInputStream(body))));
      assertThat(answer.body()).isEqualTo("thanks");
      assertThat(upstream.head().one("transfer-encoding")).isEqualTo("chunked");
      assertThat(upstream.head().all("content-length")).isEmpty();
      assertThat(bodies).hasSize(100_000);
    }
  }

  /** More than the buffers between them hold, to a service that begins to read late. */
  @Test
  void thatMustWaitArrivesWhole() throws Exception {
    int bytes = 24 << 20;
    CountDownLatch read = new CountDownLatch(1);
    AtomicLong sent = new AtomicLong();
    CRC32 arrived = new CRC32();
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              read.await();
              String body = connection.readBody(head);
              arrived.update(body.getBytes(StandardCharsets.ISO_8859_1));
              connection.write(RawUpstream.ok(Integer.toString(body.length())));
            })) {
      edge.start(RouteYaml.of("/up", upstream, ", timeout_ms: 60000"));
      byte[] body = new byte[bytes];
      new Random(1).nextBytes(body);
      InputStream counted =
          new ByteArrayInputStream(body) {
            @Override
            public synchronized int read(byte[] into, int from, int length) {
              int got = super.read(into, from, length);
              sent.addAndGet(Math.max(0, got));
              return got;
            }
          };
      CompletableFuture<HttpResponse<String>> answer =
          CompletableFuture.supplyAsync(
              () ->
                  RunningNode.send(
                      edge.node()
                          .request("POST", "/up", edge.key().secret())
                          .POST(HttpRequest.BodyPublishers.ofInputStream(() -> counted))),
              runnable -> Thread.ofVirtual().start(runnable));
      assertThat(Standstill.of(sent::get)).as("not gathered").isLessThan(bytes);
      read.countDown();
      assertThat(answer.get(60, TimeUnit.SECONDS).body()).isEqualTo(Integer.toString(bytes));
      CRC32 expected = new CRC32();
      expected.update(body);
      assertThat(arrived.getValue()).isEqualTo(expected.getValue());
    }
  }

  @Test
  void longerThanTheRouteTakesIs413AndNothingOfItIsWhole() {
    try (RawUpstream upstream = noting(new StringBuilder())) {
      edge.start(RouteYaml.of("/up", upstream, ", body_max_bytes: 10"));
      assertThat(edge.post("/up", "0123456789").statusCode()).isEqualTo(200);
      assertThat(edge.post("/up", "0123456789a").statusCode()).isEqualTo(413);
      HttpResponse<String> chunked =
          RunningNode.send(
              edge.node()
                  .request("POST", "/up", edge.key().secret())
                  .POST(
                      HttpRequest.BodyPublishers.ofInputStream(
                          () -> new ByteArrayInputStream(new byte[50_000]))));
      assertThat(chunked.statusCode()).isEqualTo(413);
    }
  }

  @Test
  void thatIsSentWhenAskedForIsAskedForOnceTheRequestIsAdmitted() throws IOException {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> connection.write(RawUpstream.ok(connection.readBody(head))))) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      String expecting =
          "POST /up HTTP/1.1\r\nHost: e\r\nContent-Length: 4\r\nExpect: 100-continue\r\n";
      try (RawConnection client = edge.connect()) {
        client.send(expecting + "Authorization: Bearer " + edge.key().secret() + "\r\n\r\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 100 ");
        client.send("body");
        assertThat(client.answer()).startsWith("HTTP/1.1 200 ").endsWith("body");
      }
      try (RawConnection client = edge.connect()) {
        client.send(expecting + "\r\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 401 ");
      }
      assertThat(upstream.head().all("expect")).isEmpty();
    }
  }
}
