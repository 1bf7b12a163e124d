package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.Corpus.Spelling;
import ai.molecule.edge.app.RawHttp2.Outcome;
import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.FrontConfig;
import ai.molecule.edge.config.FrontConfig.ProxyProtocol;
import ai.molecule.edge.config.Http2Config;
import ai.molecule.edge.config.HttpConfig;
import ai.molecule.edge.config.RequestBounds;
import ai.molecule.edge.config.TlsConfig;
import ai.molecule.edge.config.TlsConfig.ClientCertificates;
import ai.molecule.edge.exchange.CallerAddresses;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The front over HTTP/2: what is refused, and what an attacker can make a connection cost. */
final class Http2FrontIT {
  private static final int CONTROL_FRAMES_MAX = 100;
  private static final int RESETS_MAX = 50;
  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(1);

  @TempDir static Path directory;

  private static EdgeNodes nodes;
  private static RunningNode node;
  private static SSLContext client;
  private static Made key;
  private static RawHttp2 bystander;

  @BeforeAll
  static void start() throws Exception {
    Path certificate = directory.resolve("edge.crt");
    Path privateKey = directory.resolve("edge.key");
    TestCertificates.make(directory, "edge", "EC").write(certificate, privateKey);
    client = TestCertificates.client();
    TlsConfig tls =
        new TlsConfig(
            certificate,
            privateKey,
            ClientCertificates.NONE,
            Optional.empty(),
            Duration.ofSeconds(10),
            Duration.ofMinutes(1));
    nodes = EdgeNodes.onSharedStores();
    // Keys are made over a listener in clear text, on the same stores.
    key = nodes.start().create();
    nodes.with(
        config ->
            config.withHttp(
                impatient(config.http())
                    .withFront(
                        new FrontConfig(
                            Optional.of(tls),
                            new Http2Config(
                                20, RESETS_MAX, CONTROL_FRAMES_MAX, 4, Duration.ofMinutes(1)),
                            ProxyProtocol.NONE,
                            CallerAddresses.DIRECT))));
    node = nodes.start();
    bystander = connect();
  }

  private static HttpConfig impatient(HttpConfig http) {
    RequestBounds bounds = http.requests();
    return http.withRequests(
        new RequestBounds(
            bounds.headersMax(),
            bounds.headersBytesMax(),
            bounds.requestLineBytesMax(),
            bounds.bodyBytesMax(),
            bounds.headerTimeout(),
            BODY_TIMEOUT));
  }

  @AfterAll
  static void stop() throws IOException {
    bystander.close();
    nodes.close();
  }

  /** A client that was there all along must not notice anything. */
  @AfterEach
  void theBystanderIsServed() throws IOException {
    assertThat(bystander.ask(own()).status()).isEqualTo(200);
  }

  private static RawHttp2 connect() throws IOException {
    return RawHttp2.open(node.port(), client);
  }

  private static Http2Headers own() {
    return RawHttp2.get("/cp/partner-key", "edge", key.secret());
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
    try (RawHttp2 connection = connect()) {
      Outcome outcome = connection.ask(RawHttp2.get(target.text(), "edge", key.secret()));
      if (target.isRefused() && outcome.isReset()) {
        // The codec refuses control characters in a pseudo header by itself.
        assertThat(target.text()).containsPattern("[\\x00-\\x1f\\x7f]");
      } else if (target.isRefused()) {
        assertRefused(connection, outcome, "bad_request");
      } else {
        assertThat(outcome.status()).isEqualTo(target.status());
        assertThat(connection.ask(own()).status()).isEqualTo(200);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> hosts() {
    return Corpus.hosts().stream()
        .map(host -> DynamicTest.dynamicTest("host " + host.text(), () -> playHost(host)));
  }

  private static void playHost(Spelling host) throws IOException {
    try (RawHttp2 connection = connect()) {
      Outcome outcome = connection.ask(RawHttp2.get("/cp/partner-key", host.text(), key.secret()));
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
      try (RawHttp2 connection = connect()) {
        Outcome outcome = connection.ask(headers);
        assertThat(outcome.status()).as(outcome.body()).isIn(0, 400, -1);
      }
    }

    private void assertAnswered(int status, Http2Headers headers) throws IOException {
      try (RawHttp2 connection = connect()) {
        assertThat(connection.ask(headers).status()).isEqualTo(status);
      }
    }

    private Http2Headers with(String name, String value) {
      return RawHttp2.with(own(), Map.of(name, value));
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
      assertAnswered(405, own().method("TRACE"));
      assertAnswered(
          405, new DefaultHttp2Headers(false).method("CONNECT").authority("internal:443"));
      assertReset(own().method("CONNECT"));
      assertReset(RawHttp2.with(own().method("CONNECT"), Map.of(":protocol", "websocket")));
    }

    @Test
    void twoCredentials() throws IOException {
      assertAnswered(401, with("authorization", "Bearer x"));
    }

    @Test
    void moreHeadersThanAllowed() throws IOException {
      Http2Headers headers = own();
      for (int i = 0; i < 64; i++) {
        headers.add("x", "y");
      }
      assertAnswered(431, headers);
    }

    @Test
    void aTargetLongerThanALine() throws IOException {
      assertAnswered(414, own().path("/" + "y".repeat(4096)));
    }

    @Test
    void headersOfTooManyBytes() throws IOException {
      assertAnswered(431, with("x", "y".repeat(9_000)));
    }
  }

  @Nested
  class Floods {
    private void assertCalmed(RawHttp2 connection) throws IOException {
      assertThat(connection.goAwayCodeAtEnd()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
    }

    private void flood(int type, int flags, int stream, byte[] payload) throws IOException {
      try (RawHttp2 connection = connect()) {
        for (int i = 0; i < CONTROL_FRAMES_MAX * 2; i++) {
          connection.frame(type, flags, stream, payload);
        }
        connection.flush();
        assertCalmed(connection);
      }
    }

    @Test
    void pings() throws IOException {
      flood(RawHttp2.PING, 0, 0, new byte[8]);
    }

    @Test
    void settings() throws IOException {
      flood(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, (byte) 0xff, (byte) 0xff});
    }

    @Test
    void emptySettings() throws IOException {
      flood(RawHttp2.SETTINGS, 0, 0, new byte[0]);
    }

    @Test
    void priorities() throws IOException {
      flood(RawHttp2.PRIORITY, 0, 3, new byte[] {0, 0, 0, 1, 16});
    }

    @Test
    void framesNobodyKnows() throws IOException {
      flood(0xfa, 0, 0, new byte[16]);
    }

    @Test
    void rapidResets() throws IOException {
      try (RawHttp2 connection = connect()) {
        for (int i = 0; i < RESETS_MAX * 2; i++) {
          int stream = connection.stream();
          connection.frame(
              RawHttp2.HEADERS,
              RawHttp2.END_STREAM | RawHttp2.END_HEADERS,
              stream,
              connection.block(stream, own()));
          connection.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
        }
        connection.flush();
        assertCalmed(connection);
      }
    }

    @Test
    void smallContinuations() throws IOException {
      try (RawHttp2 connection = connect()) {
        int stream = connection.stream();
        byte[] block = connection.block(stream, own());
        connection.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, stream, new byte[0]);
        for (byte one : block) {
          connection.frame(RawHttp2.CONTINUATION, 0, stream, new byte[] {one});
        }
        connection.flush();
        assertCalmed(connection);
      }
    }

    @Test
    void aHeadOfContinuationsWithoutEnd() throws IOException {
      try (RawHttp2 connection = connect()) {
        int stream = connection.stream();
        byte[] block =
            connection.block(stream, RawHttp2.with(own(), Map.of("x", "y".repeat(8_000))));
        connection.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, stream, new byte[0]);
        for (int i = 0; i < 6; i++) {
          connection.frame(RawHttp2.CONTINUATION, 0, stream, block);
        }
        connection.flush();
        assertThat(connection.outcome(stream).status()).isIn(-1, 0, 431);
      }
    }

    @Test
    void emptyData() throws IOException {
      try (RawHttp2 connection = connect()) {
        int stream = connection.stream();
        Http2Headers post = own().method("POST");
        connection.frame(
            RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, connection.block(stream, post));
        for (int i = 0; i < 100; i++) {
          connection.frame(RawHttp2.DATA, 0, stream, new byte[0]);
        }
        connection.flush();
        assertCalmed(connection);
      }
    }
  }

  @Nested
  class Slowness {
    @Test
    void aFrameThatStopsEndsTheConnection() throws IOException {
      try (RawHttp2 connection = connect()) {
        connection.socket().getOutputStream().write(new byte[] {0, 0, 8, 6});
        assertThat(connection.goAwayCodeAtEnd()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
      }
    }

    @Test
    void aHeadThatDoesNotEndEndsTheConnection() throws IOException {
      try (RawHttp2 connection = connect()) {
        int stream = connection.stream();
        connection
            .frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, stream, connection.block(stream, own()))
            .flush();
        assertThat(connection.goAwayCodeAtEnd()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
      }
    }
  }
}
