package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.config.RequestBounds;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of {@code http} in the configuration, each as a client meets it. */
final class HttpLimitsIT {
  private static final int HEADERS_MAX = 10;
  private static final int HEADERS_BYTES_MAX = 2_000;
  private static final int REQUEST_LINE_BYTES_MAX = 300;
  private static final int BODY_BYTES_MAX = 1_500;

  @AutoClose private static EdgeNodes nodes;
  private static RunningNode node;
  private static Made key;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores().with(HttpLimitsIT::narrow);
    node = nodes.start();
    key = node.create();
  }

  private static EdgeConfig narrow(EdgeConfig config) {
    RequestBounds bounds =
        new RequestBounds(
            HEADERS_MAX,
            HEADERS_BYTES_MAX,
            REQUEST_LINE_BYTES_MAX,
            BODY_BYTES_MAX,
            Duration.ofMillis(500),
            Duration.ofMillis(500));
    return config.withHttp(config.http().withRequests(bounds));
  }

  /** A request for the key's own object with that many headers. */
  private static String request(String path, int headers) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
        + key.secret()
        + "\r\n"
        + "X: y\r\n".repeat(headers - 2)
        + "\r\n";
  }

  private static String request() {
    return request(RunningNode.OWN_KEY, 2);
  }

  private static void assertRefusedAndClosed(RawConnection connection, int status, String code)
      throws IOException {
    String answer = connection.answer();
    assertThat(answer)
        .startsWith("HTTP/1.1 " + status + " ")
        .containsIgnoringCase("connection: close")
        .containsIgnoringCase("content-type: application/problem+json")
        .containsIgnoringCase("x-request-id: ");
    JsonObject problem = new JsonObject(answer.substring(answer.indexOf("\r\n\r\n")));
    assertThat(problem.getString("code")).isEqualTo(code);
    assertThat(problem.getInteger("status")).isEqualTo(status);
    assertThat(answer).containsIgnoringCase("x-request-id: " + problem.getString("request_id"));
    assertThat(connection.isClosedByTheEdge()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {RunningNode.OWN_KEY, RunningNode.KEYS, "/nowhere"})
  void asManyHeadersAsAllowedAreTakenAndOneMoreIsNot(String path) throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(request(path, HEADERS_MAX));
      assertThat(connection.answer()).doesNotStartWith("HTTP/1.1 431");
      connection.send(request(path, HEADERS_MAX + 1));
      assertRefusedAndClosed(connection, 431, "headers_too_large");
    }
  }

  @Test
  void headersOfTooManyBytesAreRefused() throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(
          "GET / HTTP/1.1\r\nHost: edge\r\nX: " + "y".repeat(HEADERS_BYTES_MAX) + "\r\n\r\n");
      assertRefusedAndClosed(connection, 431, "headers_too_large");
    }
  }

  @Test
  void aRequestLineOfTooManyBytesIsRefused() throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(
          "GET /" + "y".repeat(REQUEST_LINE_BYTES_MAX) + " HTTP/1.1\r\nHost: e\r\n\r\n");
      assertRefusedAndClosed(connection, 414, "uri_too_long");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no request\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: edge\r\nno header\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: edge\r\nX y: z\r\n\r\n"
      })
  void whatIsNoHttpIsRefused(String text) throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(text);
      assertRefusedAndClosed(connection, 400, "bad_request");
    }
  }

  @Test
  void aConnectionWhoseFirstHeadTricklesInIsClosed() throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      assertThat(connection.trickleUntilClosed(request().strip())).isEmpty();
    }
  }

  @Test
  void aConnectionWhoseHeadStopsAfterALineIsClosed() throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send("GET / HTTP/1.1\r\n");
      assertThat(connection.isClosedByTheEdge()).isTrue();
    }
  }

  @Test
  void aConnectionWhoseLaterHeadTricklesInIsClosed() throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      for (int i = 0; i < 3; i++) {
        assertThat(connection.send(request()).answer()).startsWith("HTTP/1.1 200");
      }
      assertThat(connection.trickleUntilClosed(request().strip())).isEmpty();
    }
  }

  @Test
  void aHeadBegunInTheBytesOfTheRequestBeforeItMustBecomeCompleteToo() throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      assertThat(connection.send(request() + "GET /").answer()).startsWith("HTTP/1.1 200");
      assertThat(connection.isClosedByTheEdge()).isTrue();
    }
  }

  @Test
  void aConnectionThatIsIdleBetweenRequestsOutlivesTheTimeOfAHead() throws IOException {
    try (RawConnection idle = new RawConnection(node);
        RawConnection silent = new RawConnection(node)) {
      // In two pieces, so that the time of a head was running once.
      idle.send(request().substring(0, 20));
      assertThat(idle.send(request().substring(20)).answer()).startsWith("HTTP/1.1 200");

      aConnectionWhoseFirstHeadTricklesInIsClosed();
      aConnectionWhoseFirstHeadTricklesInIsClosed();

      assertThat(idle.send(request()).answer()).startsWith("HTTP/1.1 200");
      assertThat(silent.send(request()).answer()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aBodyOfTooManyBytesIsRefused() throws IOException {
    JsonObject body = RunningNode.body().put("description", "x".repeat(BODY_BYTES_MAX));
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(post(body.encode().length()));
      assertRefusedAndClosed(connection, 413, "body_too_large");
    }
  }

  @Test
  void aBodyThatDoesNotComeIsRefused() throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(post(100)).send("{");
      assertRefusedAndClosed(connection, 400, "bad_request");
    }
  }

  private static String post(int bytes) {
    return "POST "
        + RunningNode.KEYS
        + " HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
        + EdgeNodes.ADMIN
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + bytes
        + "\r\n\r\n";
  }
}
