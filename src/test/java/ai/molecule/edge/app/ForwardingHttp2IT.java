package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RawHttp2.Frame;
import ai.molecule.edge.app.RawHttp2.Outcome;
import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.FrontConfig;
import ai.molecule.edge.config.Http2Config;
import ai.molecule.edge.edge.RoutesConfig;
import ai.molecule.edge.proxy.RawUpstream;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that speak HTTP/2, to services that speak HTTP/1.1. */
final class ForwardingHttp2IT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;

  private EdgeNodes nodes;
  private Made key;
  private RunningNode node;
  private RawHttp2 client;
  private int port;

  private void start(RawUpstream upstream) throws Exception {
    FrontConfig tls = TestCertificates.front(directory, Http2Config.defaults());
    RoutesConfig routes = RouteYaml.parse(RouteYaml.of("/up", upstream, ""));
    nodes = EdgeNodes.onSharedStores();
    // The key is made over a listener in clear text, on the same stores.
    key = nodes.start().create("orgs:read");
    node =
        nodes
            .with(config -> config.withHttp(config.http().withFront(tls)).withRoutes(routes))
            .start();
    port = node.port();
    client = RawHttp2.open(port, TestCertificates.client());
  }

  @AfterEach
  void stop() throws IOException {
    if (client != null) {
      client.close();
    }
    if (nodes != null) {
      nodes.close();
    }
  }

  private Http2Headers head(String method, Map<String, String> more) {
    return RawHttp2.with(RawHttp2.get("/up/x?y=1", "edge", key.secret()).method(method), more);
  }

  private int begin(Http2Headers head, int flags) throws IOException {
    int stream = client.stream();
    client
        .frame(RawHttp2.HEADERS, flags | RawHttp2.END_HEADERS, stream, client.block(stream, head))
        .flush();
    return stream;
  }

  private void data(int stream, String text, int flags) throws IOException {
    client.frame(RawHttp2.DATA, flags, stream, text.getBytes(StandardCharsets.ISO_8859_1)).flush();
  }

  /** The next frame of that type and stream; what else comes is passed over. */
  private Frame next(int type, int stream) throws IOException {
    Frame frame = client.next(stream);
    while (frame.type() != type) {
      frame = client.next(stream);
    }
    return frame;
  }

  @Test
  void aRequestArrivesAsOneOfHttp11AndItsAnswerComesBack() throws Exception {
    try (RawUpstream upstream =
        RawUpstream.answering(
            "HTTP/1.1 201 Made\r\nX-Some-Thing: Else\r\nConnection: keep-alive\r\n"
                + "Content-Length: 5\r\n\r\nhello")) {
      start(upstream);
      Outcome answer =
          client.ask(
              head("GET", Map.of("cookie", "a=1", "x-mol-key-id", "other", "accept", "text/x")));
      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.body()).isEqualTo("hello");
      assertThat(answer.headers().get("x-some-thing")).hasToString("Else");
      assertThat(answer.headers().contains("connection")).isFalse();
      assertThat(answer.headers().contains("x-request-id")).isTrue();
      RawUpstream.Head arrived = upstream.head();
      assertThat(arrived.line()).isEqualTo("GET /up/x?y=1 HTTP/1.1");
      assertThat(arrived.one("host")).isEqualTo("127.0.0.1:" + upstream.port());
      assertThat(arrived.one("x-forwarded-host")).isEqualTo("edge");
      assertThat(arrived.one("x-mol-key-id")).isEqualTo(key.id());
      assertThat(arrived.one("accept")).isEqualTo("text/x");
      assertThat(arrived.one("cookie")).isEqualTo("a=1");
      assertThat(arrived.names()).noneMatch(name -> name.startsWith(":"));
      assertThat(arrived.all("authorization")).isEmpty();
    }
  }

  @Test
  void aBodyOfWhichOnlyTheEndComesArrivesAsOne() throws Exception {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) ->
                connection.write(RawUpstream.ok("[" + connection.readBody(head) + "]")))) {
      start(upstream);
      for (String method : new String[] {"POST", "PUT", "GET", "DELETE"}) {
        assertThat(client.ask(head(method, Map.of())).body()).as(method).isEqualTo("[]");
        int stream = begin(head(method, Map.of()), 0);
        data(stream, "", RawHttp2.END_STREAM);
        assertThat(client.outcome(stream).body()).as(method).isEqualTo("[]");
      }
    }
  }

  @Test
  void aBodyGoesOnWhateverTheMethodIs() throws Exception {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) ->
                connection.write(RawUpstream.ok("[" + connection.readBody(head) + "]")))) {
      start(upstream);
      for (String method : new String[] {"POST", "DELETE", "GET", "OPTIONS"}) {
        int stream = begin(head(method, Map.of()), 0);
        data(stream, "some", 0);
        data(stream, "thing", RawHttp2.END_STREAM);
        assertThat(client.outcome(stream).body()).as(method).isEqualTo("[something]");
      }
    }
  }

  /** It must not begin the next request over the upstream's connection, nor be taken out of it. */
  @Test
  void aBodyThatIsNotAsLongAsItSaysNeverArrivesWhole() throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              bodies.add(connection.readBody(head));
              connection.write(RawUpstream.ok("fine"));
            })) {
      start(upstream);
      for (String body : new String[] {"", "four", "six666"}) {
        int stream = begin(head("POST", Map.of("content-length", "5")), 0);
        data(stream, body, RawHttp2.END_STREAM);
        assertThat(client.outcome(stream).isReset()).as(body).isTrue();
        assertThat(client.ask(head("GET", Map.of())).body()).isEqualTo("fine");
      }
      int stream = begin(head("POST", Map.of("content-length", "5")), RawHttp2.END_STREAM);
      assertThat(client.outcome(stream).isReset()).isTrue();
      assertThat(bodies).allMatch(String::isEmpty);
      assertThat(upstream.heads()).allMatch(one -> one.line().endsWith(" /up/x?y=1 HTTP/1.1"));
    }
  }

  @Test
  void namesAndMethodsThatAreNoneNeverGetThere() throws Exception {
    try (RawUpstream upstream = RawUpstream.withBody("x")) {
      start(upstream);
      for (String name : new String[] {"a b", "a:b", "x-mol-key-id:", "host: other", "Upper"}) {
        Outcome refused = client.ask(head("GET", Map.of(name, "value")));
        assertThat(refused.status() <= 0 || refused.status() == 400).as(name).isTrue();
        client.close();
        client = RawHttp2.open(port, TestCertificates.client());
      }
      for (String method : new String[] {"GET /other HTTP/1.1", "GET ", " GET", "G\tT", ""}) {
        Outcome refused = client.ask(head(method, Map.of()));
        assertThat(refused.status() <= 0 || refused.status() == 400).as(method).isTrue();
        client.close();
        client = RawHttp2.open(port, TestCertificates.client());
      }
      assertThat(upstream.heads()).isEmpty();
    }
  }

  /** What nobody wants of one request is no reason to end the others. */
  @Test
  void aBodyThatNobodyWantsEndsItsStreamAndNoOther() throws Exception {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              connection.write("HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
              connection.close();
            })) {
      start(upstream);
      int stream = begin(head("POST", Map.of()), 0);
      data(stream, "some", 0);
      assertThat(next(RawHttp2.HEADERS, stream).stream()).isEqualTo(stream);
      // Its end never comes, and the edge does not wait for it for ever.
      assertThat(next(RawHttp2.RST_STREAM, stream).stream()).isEqualTo(stream);
      assertThat(client.ask(RawHttp2.get("/cp/partner-key", "edge", key.secret())).status())
          .isEqualTo(200);
    }
  }

  /** A stream that ends with its answer is no client that went away. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\n\r\nhello",
        "Content-Length: 0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
      })
  void anAnswerThatIsWholeLeavesItsConnectionToTheNext(String rest) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("HTTP/1.1 200 OK\r\n" + rest)) {
      start(upstream);
      for (int i = 0; i < 10; i++) {
        assertThat(client.ask(head("GET", Map.of())).status()).isEqualTo(200);
        // Neither does it matter to say that there will be no more requests in a while.
        client.frame(RawHttp2.GOAWAY, 0, 0, new byte[8]).flush();
      }
      assertThat(upstream.connections()).isEqualTo(1);
      assertThat(node.operations("/metrics").body())
          .containsPattern("requests_total\\{route=\"/up\",upstream=\"answered\"} 10")
          .doesNotContainPattern("upstream=\"client_gone\"} [1-9]");
    }
  }

  @Test
  void crumbsOfCookiesAreJoined() throws Exception {
    try (RawUpstream upstream = RawUpstream.withBody("x")) {
      start(upstream);
      Http2Headers head = head("GET", Map.of());
      head.add("cookie", "a=1").add("cookie", "b=2");
      assertThat(client.ask(head).status()).isEqualTo(200);
      assertThat(upstream.head().one("cookie")).isEqualTo("a=1; b=2");
    }
  }

  /** Each side hears the other's first words before either has come to its end. */
  @Test
  void bodiesStreamBothWaysAtOnce() throws Exception {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              assertThat(connection.readLine()).isEqualTo("4");
              assertThat(connection.read(6)).isEqualTo("one?\r\n");
              connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
              connection.write("4\r\none!\r\n");
              assertThat(connection.readLine()).isEqualTo("4");
              assertThat(connection.read(6)).isEqualTo("two?\r\n");
              assertThat(connection.read(5)).isEqualTo("0\r\n\r\n");
              connection.write("4\r\ntwo!\r\n0\r\n\r\n");
            })) {
      start(upstream);
      int stream = begin(head("POST", Map.of()), 0);
      data(stream, "one?", 0);
      next(RawHttp2.HEADERS, stream);
      assertThat(next(RawHttp2.DATA, stream).payload()).asString().isEqualTo("one!");
      data(stream, "two?", RawHttp2.END_STREAM);
      assertThat(next(RawHttp2.DATA, stream).payload()).asString().isEqualTo("two!");
      // Its connection is good for another.
      assertThat(upstream.head().all("transfer-encoding")).containsExactly("chunked");
    }
  }

  @Test
  void aStreamThatTheClientResetsEndsItsRequestUpstreamAndNoOther() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              if (head.line().startsWith("GET")) {
                connection.write(RawUpstream.ok("fine"));
                return;
              }
              connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
              try {
                connection.awaitEnd();
              } finally {
                ended.countDown();
              }
            })) {
      start(upstream);
      int stream = begin(head("POST", Map.of()), 0);
      data(stream, "some", 0);
      assertThat(next(RawHttp2.DATA, stream).payload()).asString().isEqualTo("abc");
      client.frame(RawHttp2.RST_STREAM, 0, stream, Unpooled.copyInt(8).array()).flush();
      await().atMost(PATIENCE).until(() -> ended.getCount() == 0);
      assertThat(client.ask(head("GET", Map.of())).body()).isEqualTo("fine");
    }
  }

  @Test
  void anAnswerCutShortResetsItsStreamAndNoOther() throws Exception {
    try (RawUpstream upstream =
        RawUpstream.start(
            (head, connection) -> {
              if (head.one("accept").equals("whole")) {
                connection.write(RawUpstream.ok("fine"));
              } else {
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                connection.close();
              }
            })) {
      start(upstream);
      int stream = begin(head("GET", Map.of("accept", "cut")), RawHttp2.END_STREAM);
      Frame last = client.next(stream);
      while (last.type() != RawHttp2.RST_STREAM) {
        assertThat(last.flags() & RawHttp2.END_STREAM).as("it looks whole").isZero();
        last = client.next(stream);
      }
      assertThat(client.ask(head("GET", Map.of("accept", "whole"))).body()).isEqualTo("fine");
    }
  }

  @Test
  void aHeaderWithTheEndOfALineInItNeverGetsThere() throws Exception {
    try (RawUpstream upstream = RawUpstream.withBody("x")) {
      start(upstream);
      for (String value : new String[] {"a\r\nX-Mol-Key-Id: other", "a\nb", "a\rb", "a\0b"}) {
        Outcome refused = client.ask(head("GET", Map.of("x-some", value)));
        assertThat(refused.isReset() || refused.status() == 400).as(value).isTrue();
      }
      assertThat(upstream.heads()).isEmpty();
    }
  }
}
