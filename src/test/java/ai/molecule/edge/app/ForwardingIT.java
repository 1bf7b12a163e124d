package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.edge.RouteFile;
import ai.molecule.edge.edge.RoutesConfig;
import ai.molecule.edge.proxy.RawUpstream;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service behind the edge is sent, and what the client gets of its answer. */
final class ForwardingIT {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private EdgeNodes nodes;
  private RunningNode node;
  private Made key;

  private void start(String yaml) {
    nodes = EdgeNodes.onSharedStores().with(config -> config.withRoutes(routes(yaml)));
    node = nodes.start();
    key = node.create("orgs:read", "orgs:manage");
  }

  static RoutesConfig routes(String yaml) {
    try {
      return new RoutesConfig(
          Optional.empty(), RouteFile.parse(yaml.getBytes(StandardCharsets.UTF_8)));
    } catch (RouteFile.Refused e) {
      throw new AssertionError(e);
    }
  }

  static String route(String prefix, RawUpstream upstream, String more) {
    return "routes: [{prefix: "
        + prefix
        + ", upstream: '"
        + upstream.url()
        + "', scope: 'orgs:read'"
        + more
        + "}]";
  }

  private HttpResponse<String> get(String path) {
    return node.send("GET", path, key.secret(), null);
  }

  @AfterEach
  void stop() {
    if (nodes != null) {
      nodes.close();
    }
  }

  @Nested
  @TestInstance(TestInstance.Lifecycle.PER_METHOD)
  class Request {
    @Test
    void arrivesWithItsPathUnchangedAndTheIdentityOfTheKey() {
      try (RawUpstream upstream = RawUpstream.withBody("hello")) {
        start(route("/up", upstream, ""));
        HttpResponse<String> answer = get("/up/a%20b/c?q=%2F&r");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("hello");
        RawUpstream.Head head = upstream.head();
        assertThat(head.line()).isEqualTo("GET /up/a%20b/c?q=%2F&r HTTP/1.1");
        assertThat(head.one("x-mol-partner-id")).isEqualTo("acme");
        assertThat(head.one("x-mol-key-id")).isEqualTo(key.id());
        assertThat(head.one("x-mol-scopes")).isEqualTo("orgs:read orgs:manage");
        assertThat(head.all("x-mol-org-id")).isEmpty();
        assertThat(head.one("x-request-id"))
            .isEqualTo(answer.headers().firstValue("x-request-id").orElseThrow());
        assertThat(head.one("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]");
        assertThat(head.one("host")).isEqualTo("127.0.0.1:" + upstream.port());
        assertThat(head.one("x-forwarded-host")).isEqualTo("127.0.0.1:" + node.port());
        assertThat(head.one("x-forwarded-for")).isEqualTo("127.0.0.1");
        assertThat(head.one("x-forwarded-proto")).isEqualTo("http");
        assertThat(head.one("forwarded"))
            .isEqualTo("for=127.0.0.1;host=\"127.0.0.1:" + node.port() + "\";proto=http");
        assertThat(head.all("authorization")).isEmpty();
        assertThat(String.join("\n", head.headers())).doesNotContain(key.secret());
      }
    }

    @Test
    void ofAKeyWithoutTheScopeNeverGetsThere() {
      try (RawUpstream upstream = RawUpstream.withBody("hello")) {
        start(route("/up", upstream, ""));
        Made poor = node.create("billing:read");
        assertThat(node.send("GET", "/up", poor.secret(), null).statusCode()).isEqualTo(403);
        assertThat(node.send("GET", "/up", null, null).statusCode()).isEqualTo(401);
        assertThat(node.send("GET", "/up", EdgeNodes.ADMIN, null).statusCode()).isEqualTo(403);
        assertThat(node.send("POST", "/up", poor.secret(), "{}").statusCode()).isEqualTo(403);
        assertThat(upstream.connections()).isZero();
      }
    }

    @Test
    void withABodyOfKnownLengthArrivesWithThatLength() {
      StringBuilder bodies = new StringBuilder();
      try (RawUpstream upstream =
          RawUpstream.start(
              (head, connection) -> {
                bodies.append(connection.readBody(head));
                connection.write(RawUpstream.ok("thanks"));
              })) {
        start(route("/up", upstream, ""));
        String body = "x".repeat(200_000);
        HttpResponse<String> answer = node.send("POST", "/up", key.secret(), body);
        assertThat(answer.body()).isEqualTo("thanks");
        assertThat(upstream.head().one("content-length")).isEqualTo("200000");
        assertThat(upstream.head().one("content-type")).isEqualTo("application/json");
        assertThat(bodies.toString()).isEqualTo(body);
      }
    }

    @Test
    void withABodyInChunksArrivesInChunks() {
      StringBuilder bodies = new StringBuilder();
      try (RawUpstream upstream =
          RawUpstream.start(
              (head, connection) -> {
                bodies.append(connection.readBody(head));
                connection.write(RawUpstream.ok("thanks"));
              })) {
        start(route("/up", upstream, ""));
        byte[] body = "y".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
        HttpResponse<String> answer =
            RunningNode.send(
                node.request("POST", "/up", key.secret())
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
    void withABodyThatMustWaitArrivesWhole() throws Exception {
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
        start(route("/up", upstream, ", timeout_ms: 60000"));
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
                        node.request("POST", "/up", key.secret())
                            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> counted))),
                runnable -> Thread.ofVirtual().start(runnable));
        // It stands still when as much was sent at three looks in a row.
        AtomicLong last = new AtomicLong(-1);
        AtomicLong same = new AtomicLong();
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(200))
            .until(
                () -> {
                  long now = sent.get();
                  same.set(now > 0 && now == last.getAndSet(now) ? same.get() + 1 : 0);
                  return same.get() >= 3;
                });
        assertThat(sent.get()).as("not gathered").isLessThan(bytes);
        read.countDown();
        assertThat(answer.get(60, TimeUnit.SECONDS).body()).isEqualTo(Integer.toString(bytes));
        CRC32 expected = new CRC32();
        expected.update(body);
        assertThat(arrived.getValue()).isEqualTo(expected.getValue());
      }
    }

    @Test
    void withALongerBodyThanTheRouteTakesIs413AndNothingOfItIsWhole() {
      try (RawUpstream upstream =
          RawUpstream.start(
              (head, connection) -> {
                connection.readBody(head);
                connection.write(RawUpstream.ok("thanks"));
              })) {
        start(route("/up", upstream, ", body_max_bytes: 10"));
        assertThat(node.send("POST", "/up", key.secret(), "0123456789").statusCode())
            .isEqualTo(200);
        assertThat(node.send("POST", "/up", key.secret(), "0123456789a").statusCode())
            .isEqualTo(413);
        HttpResponse<String> chunked =
            RunningNode.send(
                node.request("POST", "/up", key.secret())
                    .POST(
                        HttpRequest.BodyPublishers.ofInputStream(
                            () -> new ByteArrayInputStream(new byte[50_000]))));
        assertThat(chunked.statusCode()).isEqualTo(413);
      }
    }

    @Test
    void goesOnInTheTraceOfTheClient() {
      try (RawUpstream upstream = RawUpstream.withBody("")) {
        start(route("/up", upstream, ""));
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        RunningNode.send(
            node.request("GET", "/up", key.secret())
                .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                .header("tracestate", "a=b"));
        assertThat(upstream.head().one("traceparent"))
            .matches("00-" + trace + "-[0-9a-f]{16}-01")
            .doesNotContain("00f067aa0ba902b7");
        assertThat(upstream.head().one("tracestate")).isEqualTo("a=b");
      }
    }

    /** A few hundred of the spellings that the policy is tried with by the hundred thousand. */
    @Test
    void cannotSayWhoItIsInAnySpelling() throws IOException {
      try (RawUpstream upstream = RawUpstream.withBody("")) {
        start(route("/up", upstream, ""));
        Random random = new Random(5);
        String separators = "-_.!#$%&'*+^`|~";
        String[] names = {
          "X-Mol-Partner-Id",
          "X-Mol-Org-Id",
          "X-Mol-Key-Id",
          "X-Mol-Scopes",
          "X-Mol-Target-Org-Id",
          "X-Request-Id",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "Forwarded",
          "X-Real-IP"
        };
        try (RawConnection client = new RawConnection(node)) {
          for (int i = 0; i < 300; i++) {
            StringBuilder request = new StringBuilder("GET /up HTTP/1.1\r\nHost: e\r\n");
            request.append("Authorization: Bearer ").append(key.secret()).append("\r\n");
            StringBuilder nominated = new StringBuilder("Connection: keep-alive");
            for (int n = 0; n < 5; n++) {
              String name = names[random.nextInt(names.length)];
              StringBuilder spelled = new StringBuilder();
              for (char c : name.toCharArray()) {
                spelled.append(
                    c == '-'
                        ? separators.charAt(random.nextInt(separators.length()))
                        : random.nextBoolean()
                            ? Character.toUpperCase(c)
                            : Character.toLowerCase(c));
              }
              request.append(spelled).append(": spoofed!\r\n");
              if (random.nextBoolean()) {
                nominated.append(", ").append(random.nextBoolean() ? spelled : name);
              }
            }
            client.send(request.append(nominated).append("\r\n\r\n").toString());
            assertThat(client.answer()).startsWith("HTTP/1.1 200 ");
          }
        }
        assertThat(upstream.heads())
            .hasSize(300)
            .allSatisfy(
                head -> {
                  assertThat(head.headers()).noneMatch(header -> header.contains("spoofed"));
                  assertThat(head.one("x-mol-key-id")).isEqualTo(key.id());
                  assertThat(head.one("x-mol-partner-id")).isEqualTo("acme");
                  assertThat(head.one("x-forwarded-for")).isEqualTo("127.0.0.1");
                });
      }
    }

    @Test
    void leavesBehindWhatBelongsToItsConnection() throws IOException {
      try (RawUpstream upstream = RawUpstream.withBody("")) {
        start(route("/up", upstream, ""));
        try (RawConnection client = new RawConnection(node)) {
          client.send(
              "GET /up HTTP/1.1\r\nHost: e\r\nAuthorization: Bearer "
                  + key.secret()
                  + "\r\nConnection: X-One, keep-alive\r\nX-One: 1\r\nX-Two: 2\r\nTE: trailers\r\n"
                  + "Keep-Alive: 5\r\nProxy-Connection: close\r\nCookie: a=b\r\n\r\n");
          client.answer();
        }
        assertThat(upstream.head().names())
            .map(name -> name.toLowerCase(Locale.ROOT))
            .contains("x-two", "cookie")
            .doesNotContain("x-one", "te", "keep-alive", "proxy-connection", "connection");
      }
    }

    @Test
    void thatExpectsToBeAskedForItsBodyIsAskedOnceItIsAdmitted() throws IOException {
      try (RawUpstream upstream =
          RawUpstream.start(
              (head, connection) -> connection.write(RawUpstream.ok(connection.readBody(head))))) {
        start(route("/up", upstream, ""));
        String expecting =
            "POST /up HTTP/1.1\r\nHost: e\r\nContent-Length: 4\r\nExpect: 100-continue\r\n";
        try (RawConnection client = new RawConnection(node)) {
          client.send(expecting + "Authorization: Bearer " + key.secret() + "\r\n\r\n");
          assertThat(client.answer()).startsWith("HTTP/1.1 100 ");
          client.send("body");
          assertThat(client.answer()).startsWith("HTTP/1.1 200 ").endsWith("body");
        }
        try (RawConnection client = new RawConnection(node)) {
          client.send(expecting + "\r\n");
          assertThat(client.answer()).startsWith("HTTP/1.1 401 ");
        }
        assertThat(upstream.head().all("expect")).isEmpty();
      }
    }

    @Test
    void ofAnotherMethodThanTheRoutesIs405() {
      try (RawUpstream upstream = RawUpstream.withBody("")) {
        start(route("/up", upstream, ", methods: [GET, PUT]"));
        HttpResponse<String> answer = node.send("POST", "/up", key.secret(), "{}");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).contains("GET, PUT");
        assertThat(get("/up").statusCode()).isEqualTo(200);
        assertThat(get("/other").statusCode()).isEqualTo(404);
      }
    }
  }

  @Nested
  class Cost {
    @Test
    void ofARefusedCallLeavesItsTokensToACheaperOne() {
      try (RawUpstream upstream = RawUpstream.withBody("")) {
        start(
            "routes: [{prefix: /dear, cost: 6, upstream: '"
                + upstream.url()
                + "', scope: 'orgs:read'}, {prefix: /cheap, upstream: '"
                + upstream.url()
                + "', scope: 'orgs:read'}]");
        Made ten = node.createLimited(1, 10);
        assertThat(status(ten, "/dear")).isEqualTo(200);
        assertThat(status(ten, "/dear")).isEqualTo(429);
        for (int i = 0; i < 4; i++) {
          assertThat(status(ten, "/cheap")).isEqualTo(200);
          assertThat(status(ten, "/dear")).isEqualTo(429);
        }
        assertThat(status(ten, "/cheap")).isEqualTo(429);
        assertThat(upstream.heads()).hasSize(5);
      }
    }

    @Test
    void aboveTheBurstIsRefusedForGoodAndTakesNothing() {
      try (RawUpstream upstream = RawUpstream.withBody("")) {
        start(route("/dear", upstream, ", cost: 11"));
        Made ten = node.createLimited(1, 10);
        for (int i = 0; i < 5; i++) {
          HttpResponse<String> answer = node.send("GET", "/dear", ten.secret(), null);
          assertThat(answer.statusCode()).isEqualTo(403);
          assertThat(new JsonObject(answer.body()).getString("code"))
              .isEqualTo("cost_exceeds_burst");
          assertThat(answer.headers().firstValue("ratelimit").orElseThrow()).contains("r=10");
        }
        assertThat(upstream.connections()).isZero();
      }
    }

    /** Leased tokens are spent by the call's cost, and never beyond the bucket. */
    @Test
    void isCountedInLeasedTokensToo() {
      try (RawUpstream upstream = RawUpstream.withBody("")) {
        start(route("/dear", upstream, ", cost: 7"));
        Made key = node.createLimited(1, 3_000);
        int admitted = 0;
        for (int i = 0; i < 500; i++) {
          admitted += status(key, "/dear") == 200 ? 1 : 0;
        }
        assertThat(admitted).isLessThanOrEqualTo((3_000 + 5) / 7).isGreaterThan(200);
      }
    }

    @Test
    void isWhatTheUpstreamSaysInTheEnd() {
      try (RawUpstream upstream =
          RawUpstream.start(
              (head, connection) ->
                  connection.write(
                      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nMol-Cost: "
                          + head.line().split("[ ?]")[2]
                          + "\r\n\r\n"))) {
        start(route("/up", upstream, ", cost: 50"));
        Made cheaper = node.createLimited(1, 100);
        assertThat(status(cheaper, "/up?10")).isEqualTo(200);
        // 50 are left of 100 until 40 come back; each look takes one.
        await().atMost(PATIENCE).until(() -> left(cheaper) > 50);
        assertThat(left(cheaper)).isLessThan(90);

        Made dearer = node.createLimited(1, 100);
        assertThat(status(dearer, "/up?120")).isEqualTo(200);
        await().atMost(PATIENCE).until(() -> node.use(dearer).statusCode() == 429);

        Made unsettled = node.createLimited(1, 100);
        assertThat(status(unsettled, "/up?nonsense")).isEqualTo(200);
        assertThat(left(unsettled)).isEqualTo(49);
      }
    }

    /** Tokens left after one more use. */
    private int left(Made of) {
      String state = node.use(of).headers().firstValue("ratelimit").orElseThrow();
      return Integer.parseInt(state.replaceAll(".*r=([0-9]+);.*", "$1"));
    }

    private int status(Made by, String path) {
      return node.send("GET", path, by.secret(), null).statusCode();
    }
  }

  @Nested
  class Answer {
    @Test
    void comesBackWithItsHeadersAndOurs() {
      try (RawUpstream upstream =
          RawUpstream.answering(
              "HTTP/1.1 418 Teapot\r\nContent-Length: 3\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
                  + "X-Request-Id: theirs\r\nRateLimit: theirs\r\nX-Mol-Key-Id: theirs\r\n"
                  + "Mol-Cost: 1\r\nConnection: X-Hop\r\nX-Hop: 1\r\nETag: \"e\"\r\n\r\ntea")) {
        start(route("/up", upstream, ""));
        HttpResponse<String> answer = get("/up");
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
        start(route("/up", upstream, ""));
        for (int i = 0; i < 3; i++) {
          assertThat(get("/up").body()).isEmpty();
        }
        assertThat(upstream.connections()).as("used again, on each loop").isLessThanOrEqualTo(2);
      }
    }

    @Test
    void toAHeadHasTheLengthAndNoBody() {
      try (RawUpstream upstream =
          RawUpstream.answering("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")) {
        start(route("/up", upstream, ""));
        HttpResponse<String> answer = node.send("HEAD", "/up", key.secret(), null);
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
        start(route("/up", upstream, ""));
        try (RawConnection client = new RawConnection(node)) {
          client.send(
              "GET /up HTTP/1.1\r\nHost: e\r\nAuthorization: Bearer " + key.secret() + "\r\n\r\n");
          // It stands still when it has written the same for three looks in a row.
          AtomicLong last = new AtomicLong(-1);
          AtomicLong same = new AtomicLong();
          await()
              .atMost(PATIENCE)
              .pollInterval(Duration.ofMillis(200))
              .until(
                  () -> {
                    long now = written.get();
                    same.set(now > 0 && now == last.getAndSet(now) ? same.get() + 1 : 0);
                    return same.get() >= 3;
                  });
          assertThat(written.get()).isLessThan(64L << 20);
          // Others are not hurt.
          assertThat(node.use(key).statusCode()).isEqualTo(200);
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
        start(route("/up", upstream, ""));
        try (RawConnection client = new RawConnection(node)) {
          client.send(
              "GET /up HTTP/1.1\r\nHost: e\r\nAuthorization: Bearer " + key.secret() + "\r\n\r\n");
          assertThat(client.answer()).startsWith("HTTP/1.1 200 ").contains("text/event-stream");
          next.countDown();
          assertThat(client.read(14)).isEqualTo("9\r\ndata: 1\n\n\r\n");
          node.revoke(key);
          assertThat(client.isClosedByTheEdge()).isTrue();
          await().atMost(PATIENCE).until(() -> upstream.openConnections() == 0);
        }
      }
    }
  }
}
