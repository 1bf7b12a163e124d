package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bodies as bytes on a socket: what an HTTP client would smooth over. */
class BodyReaderTest {
  private static final int TIMEOUT_MILLIS = 20_000;

  @AutoClose private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
  }

  /** One connection, written and read by hand. */
  private static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    Connection() throws IOException {
      socket = new Socket("127.0.0.1", edge.port());
      socket.setSoTimeout(TIMEOUT_MILLIS);
      in = socket.getInputStream();
      out = socket.getOutputStream();
    }

    Connection head(String credential, String... headers) throws IOException {
      return text(
          "POST /cp/admin/partner-keys HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
              + credential
              + "\r\nContent-Type: application/json\r\n"
              + String.join("\r\n", headers)
              + "\r\n\r\n");
    }

    Connection text(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
      return this;
    }

    Connection chunk(String text) throws IOException {
      return text(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    /** The next answer: its head, and its body by Content-Length. */
    String answer() throws IOException {
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) {
          throw new AssertionError("closed after: " + head);
        }
        head.append((char) next);
      }
      String text = head.toString();
      String marker = "content-length: ";
      int at = text.toLowerCase(java.util.Locale.ROOT).indexOf(marker);
      if (at < 0) {
        return text;
      }
      int from = at + marker.length();
      int length = Integer.parseInt(text.substring(from, text.indexOf('\r', from)));
      return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    boolean isClosedByTheEdge() throws IOException {
      try {
        return in.read() < 0;
      } catch (java.net.SocketException reset) {
        return true;
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static String body() {
    return ControlPlaneUnderTest.body("orgs:read").encode();
  }

  private static String sized(int bytes) {
    JsonObject body = ControlPlaneUnderTest.body("orgs:read");
    int rest = bytes - body.encode().length() - ",\"x\":\"\"".length();
    return body.put("x", "x".repeat(rest)).encode();
  }

  @Test
  void aChunkedBodyIsReadLikeAnyOther() throws IOException {
    try (Connection connection = new Connection()) {
      String body = body();
      connection.head(ControlPlaneUnderTest.ADMIN, "Transfer-Encoding: chunked");
      connection.chunk(body.substring(0, 5)).chunk(body.substring(5)).text("0\r\n\r\n");
      assertThat(connection.answer()).startsWith("HTTP/1.1 201");
    }
  }

  @Test
  void aBodyOfTheGreatestSizeIsReadAndOneByteMoreIsNot() throws IOException {
    for (int more = 0; more <= 1; more++) {
      try (Connection connection = new Connection()) {
        String body = sized(ControlPlaneParts.BODIES.bytesMax() + more);
        connection.head(ControlPlaneUnderTest.ADMIN, "Content-Length: " + body.length());
        connection.text(body);
        String answer = connection.answer();
        assertThat(answer).startsWith(more == 0 ? "HTTP/1.1 400" : "HTTP/1.1 413");
        assertThat(answer).contains(more == 0 ? "unknown_member" : "body_too_large");
      }
    }
  }

  @Test
  void anAnnouncedExcessIsRefusedBeforeItIsSent() throws IOException {
    try (Connection connection = new Connection()) {
      connection.head(ControlPlaneUnderTest.ADMIN, "Content-Length: 999999999");
      assertThat(connection.answer())
          .startsWith("HTTP/1.1 413")
          .containsIgnoringCase("connection: close");
      assertThat(connection.isClosedByTheEdge()).isTrue();
    }
  }

  @Test
  void anExcessInChunksIsRefusedAndTheConnectionClosed() throws IOException {
    try (Connection connection = new Connection()) {
      connection.head(ControlPlaneUnderTest.ADMIN, "Transfer-Encoding: chunked");
      for (int sent = 0; sent <= ControlPlaneParts.BODIES.bytesMax(); sent += 8_192) {
        connection.chunk("x".repeat(8_192));
      }
      assertThat(connection.answer())
          .startsWith("HTTP/1.1 413")
          .containsIgnoringCase("connection: close");
      assertThat(connection.isClosedByTheEdge()).isTrue();
    }
  }

  @Test
  void whoeverExpectsToContinueIsToldToOnceAdmitted() throws IOException {
    try (Connection connection = new Connection()) {
      String length = "Content-Length: " + body().length();
      connection.head(ControlPlaneUnderTest.ADMIN, length, "Expect: 100-continue");
      assertThat(connection.answer()).startsWith("HTTP/1.1 100");
      assertThat(connection.text(body()).answer()).startsWith("HTTP/1.1 201");
    }
  }

  @Test
  void whoeverExpectsToContinueIsNotToldToWhenRefused() throws IOException {
    try (Connection connection = new Connection()) {
      connection.head("x".repeat(40), "Content-Length: 5", "Expect: 100-continue");
      assertThat(connection.answer())
          .startsWith("HTTP/1.1 401")
          .containsIgnoringCase("connection: close");
      assertThat(connection.isClosedByTheEdge()).isTrue();
    }
  }

  @Test
  void aRefusalKeepsTheConnectionForTheNextRequest() throws IOException {
    try (Connection connection = new Connection()) {
      for (int i = 0; i < 3; i++) {
        connection.head("x".repeat(40), "Content-Length: " + body().length()).text(body());
        assertThat(connection.answer()).startsWith("HTTP/1.1 401");
      }
      connection.head(ControlPlaneUnderTest.ADMIN, "Content-Length: " + body().length());
      assertThat(connection.text(body()).answer()).startsWith("HTTP/1.1 201");
    }
  }

  @Test
  void aBodyNobodyWantsIsNotReadForEver() throws IOException {
    try (Connection connection = new Connection()) {
      connection.head("x".repeat(40), "Transfer-Encoding: chunked");
      assertThat(connection.answer()).startsWith("HTTP/1.1 401");
      IOException cut = null;
      for (int i = 0; i < 10_000 && cut == null; i++) {
        try {
          connection.chunk("x".repeat(8_192));
        } catch (IOException closed) {
          cut = closed;
        }
      }
      assertThat(cut).isNotNull();
    }
  }
}
