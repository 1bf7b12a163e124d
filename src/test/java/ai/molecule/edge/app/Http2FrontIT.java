package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.Corpus.Spelling;
import ai.molecule.edge.app.RawHttp2.Outcome;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The front over HTTP/2: what is refused. */
final class Http2FrontIT {
  @TempDir static Path directory;

  @AutoClose private static Http2Front front;

  @BeforeAll
  static void start() throws Exception {
    front = Http2Front.start(directory);
  }

  @AfterEach
  void theBystanderIsServed() throws IOException {
    front.assertBystanderIsServed();
  }

  private static void assertRefused(RawHttp2 connection, Outcome outcome, String code)
      throws IOException {
    assertThat(outcome.status()).isEqualTo(400);
    assertThat(new JsonObject(outcome.body()).getString("code")).isEqualTo(code);
    assertThat(connection.goAwayCodeAtEnd()).as("a GOAWAY without an error").isEqualTo(0);
  }

  @TestFactory
  Stream<DynamicTest> targets() {
    return Corpus.targets().stream()
        .map(
            target ->
                DynamicTest.dynamicTest(
                    target.family() + " " + target.text(), () -> playTarget(target)));
  }

  private static void playTarget(Spelling target) throws IOException {
    try (RawHttp2 connection = front.connect()) {
      Outcome outcome = connection.ask(RawHttp2.get(target.text(), "edge", front.key().secret()));
      if (target.isRefused() && outcome.isReset()) {
        // The codec refuses control characters in a pseudo header by itself.
        assertThat(target.text()).containsPattern("[\\x00-\\x1f\\x7f]");
      } else if (target.isRefused()) {
        assertRefused(connection, outcome, "bad_request");
      } else {
        assertThat(outcome.status()).isEqualTo(target.status());
        assertThat(connection.ask(front.own()).status()).isEqualTo(200);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> hosts() {
    return Corpus.hosts().stream()
        .map(host -> DynamicTest.dynamicTest("host " + host.text(), () -> playHost(host)));
  }

  private static void playHost(Spelling host) throws IOException {
    try (RawHttp2 connection = front.connect()) {
      Outcome outcome =
          connection.ask(RawHttp2.get("/cp/partner-key", host.text(), front.key().secret()));
      if (!host.isRefused()) {
        assertThat(outcome.status()).isEqualTo(200);
      } else if (!outcome.isReset()) {
        assertRefused(connection, outcome, "bad_request");
      }
    }
  }

  @Nested
  class Malformed {
    private void assertReset(Http2Headers headers) throws IOException {
      try (RawHttp2 connection = front.connect()) {
        Outcome outcome = connection.ask(headers);
        assertThat(outcome.status()).as(outcome.body()).isIn(0, 400, -1);
      }
    }

    private void assertAnswered(int status, Http2Headers headers) throws IOException {
      try (RawHttp2 connection = front.connect()) {
        assertThat(connection.ask(headers).status()).isEqualTo(status);
      }
    }

    private Http2Headers with(String name, String value) {
      return RawHttp2.with(front.own(), Map.of(name, value));
    }

    @Test
    void headersOfTheConnectionAreNone() throws IOException {
      assertReset(with("transfer-encoding", "chunked"));
      assertReset(with("connection", "close"));
      assertReset(with("upgrade", "websocket"));
      assertReset(with("te", "gzip"));
    }

    @Test
    void aLengthThatIsNotTheBodys() throws IOException {
      assertReset(with("content-length", "5"));
      assertReset(with("content-length", "-1"));
      assertReset(with("content_length", "0"));
    }

    @Test
    void namesAndValuesThatHttp1CouldNotCarry() throws IOException {
      assertReset(with("X-Upper", "y"));
      assertReset(with("x y", "z"));
      assertReset(with("", "y"));
      assertReset(with("x", "a\r\nX-Mol-Org-Id: 1"));
      assertReset(with("x", "a\0b"));
      assertReset(with("x:y", "z"));
    }

    @Test
    void pseudoHeadersThatAreTwiceThereOrMissing() throws IOException {
      assertReset(with(":path", "/nowhere"));
      assertReset(with(":authority", "evil"));
      assertReset(with(":method", "DELETE"));
      assertReset(with(":unknown", "x"));
      assertReset(with("host", "evil.example"));
      assertReset(new DefaultHttp2Headers(false).method("GET").scheme("https").path("/"));
      assertReset(new DefaultHttp2Headers(false).method("GET").scheme("https").authority("edge"));
      assertReset(new DefaultHttp2Headers(false).scheme("https").path("/").authority("edge"));
      assertReset(new DefaultHttp2Headers(false).method("GET").path("/").authority("edge"));
    }

    @Test
    void connectAndTrace() throws IOException {
      assertAnswered(405, front.own().method("TRACE"));
      assertAnswered(
          405, new DefaultHttp2Headers(false).method("CONNECT").authority("internal:443"));
      assertReset(front.own().method("CONNECT"));
      assertReset(RawHttp2.with(front.own().method("CONNECT"), Map.of(":protocol", "websocket")));
    }

    @Test
    void twoCredentials() throws IOException {
      assertAnswered(401, with("authorization", "Bearer x"));
    }

    @Test
    void moreHeadersThanAllowed() throws IOException {
      Http2Headers headers = front.own();
      for (int i = 0; i < 64; i++) {
        headers.add("x", "y");
      }
      assertAnswered(431, headers);
    }

    @Test
    void aTargetLongerThanALine() throws IOException {
      assertAnswered(414, front.own().path("/" + "y".repeat(4096)));
    }

    @Test
    void headersOfTooManyBytes() throws IOException {
      assertAnswered(431, with("x", "y".repeat(9_000)));
    }
  }
}
