package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.proxy.RawUpstream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the head of a request has become when it arrives at a service behind the edge. */
final class ForwardedRequestIT {
  private static final String SEPARATORS = "-_.!#$%&'*+^`|~";
  private static final List<String> OURS =
      List.of(
          "X-Mol-Partner-Id",
          "X-Mol-Org-Id",
          "X-Mol-Key-Id",
          "X-Mol-Scopes",
          "X-Mol-Target-Org-Id",
          "X-Request-Id",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "Forwarded",
          "X-Real-IP");

  @RegisterExtension final RoutedNode edge = new RoutedNode("orgs:read", "orgs:manage");

  @Test
  void arrivesWithItsPathUnchangedAndTheIdentityOfTheKey() {
    try (RawUpstream upstream = RawUpstream.withBody("hello")) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      HttpResponse<String> answer = edge.get("/up/a%20b/c?q=%2F&r");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("hello");
      RawUpstream.Head head = upstream.head();
      assertThat(head.line()).isEqualTo("GET /up/a%20b/c?q=%2F&r HTTP/1.1");
      assertThat(head.one("x-mol-partner-id")).isEqualTo("acme");
      assertThat(head.one("x-mol-key-id")).isEqualTo(edge.key().id());
      assertThat(head.one("x-mol-scopes")).isEqualTo("orgs:read orgs:manage");
      assertThat(head.all("x-mol-org-id")).isEmpty();
      assertThat(head.one("x-request-id"))
          .isEqualTo(answer.headers().firstValue("x-request-id").orElseThrow());
      assertThat(head.one("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]");
      assertThat(head.one("host")).isEqualTo("127.0.0.1:" + upstream.port());
      assertThat(head.one("x-forwarded-host")).isEqualTo("127.0.0.1:" + edge.node().port());
      assertThat(head.one("x-forwarded-for")).isEqualTo("127.0.0.1");
      assertThat(head.one("x-forwarded-proto")).isEqualTo("http");
      assertThat(head.one("forwarded"))
          .isEqualTo("for=127.0.0.1;host=\"127.0.0.1:" + edge.node().port() + "\";proto=http");
      assertThat(head.all("authorization")).isEmpty();
      assertThat(String.join("\n", head.headers())).doesNotContain(edge.key().secret());
    }
  }

  @Test
  void ofAKeyWithoutTheScopeNeverGetsThere() {
    try (RawUpstream upstream = RawUpstream.withBody("hello")) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      Made poor = edge.node().create("billing:read");
      assertThat(edge.node().send("GET", "/up", poor.secret(), null).statusCode()).isEqualTo(403);
      assertThat(edge.node().send("GET", "/up", null, null).statusCode()).isEqualTo(401);
      assertThat(edge.node().send("GET", "/up", EdgeNodes.ADMIN, null).statusCode()).isEqualTo(403);
      assertThat(edge.node().send("POST", "/up", poor.secret(), "{}").statusCode()).isEqualTo(403);
      assertThat(upstream.connections()).isZero();
    }
  }

  @Test
  void goesOnInTheTraceOfTheClient() {
    try (RawUpstream upstream = RawUpstream.withBody("")) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
      RunningNode.send(
          edge.node()
              .request("GET", "/up", edge.key().secret())
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
      edge.start(RouteYaml.of("/up", upstream, ""));
      Random random = new Random(5);
      try (RawConnection client = edge.connect()) {
        for (int i = 0; i < 300; i++) {
          client.send(edge.request("GET /up HTTP/1.1", spoofed(random)));
          assertThat(client.answer()).startsWith("HTTP/1.1 200 ");
        }
      }
      assertThat(upstream.heads())
          .hasSize(300)
          .allSatisfy(
              head -> {
                assertThat(head.headers()).noneMatch(header -> header.contains("spoofed"));
                assertThat(head.one("x-mol-key-id")).isEqualTo(edge.key().id());
                assertThat(head.one("x-mol-partner-id")).isEqualTo("acme");
                assertThat(head.one("x-forwarded-for")).isEqualTo("127.0.0.1");
              });
    }
  }

  /** Five headers that are ours to set, in spellings of which some are named as of one hop. */
  private static String spoofed(Random random) {
    StringBuilder headers = new StringBuilder();
    StringBuilder nominated = new StringBuilder("Connection: keep-alive");
    for (int n = 0; n < 5; n++) {
      String name = OURS.get(random.nextInt(OURS.size()));
      String spelled = spelled(name, random);
      headers.append(spelled).append(": spoofed!\r\n");
      if (random.nextBoolean()) {
        nominated.append(", ").append(random.nextBoolean() ? spelled : name);
      }
    }
    return headers.append(nominated).append("\r\n").toString();
  }

  private static String spelled(String name, Random random) {
    StringBuilder spelled = new StringBuilder();
    for (char c : name.toCharArray()) {
      boolean upper = random.nextBoolean();
      spelled.append(
          c == '-'
              ? SEPARATORS.charAt(random.nextInt(SEPARATORS.length()))
              : upper ? Character.toUpperCase(c) : Character.toLowerCase(c));
    }
    return spelled.toString();
  }

  @Test
  void leavesBehindWhatBelongsToItsConnection() throws IOException {
    try (RawUpstream upstream = RawUpstream.withBody("")) {
      edge.start(RouteYaml.of("/up", upstream, ""));
      try (RawConnection client = edge.connect()) {
        client.send(
            edge.request(
                "GET /up HTTP/1.1",
                "Connection: X-One, keep-alive\r\nX-One: 1\r\nX-Two: 2\r\nTE: trailers\r\n",
                "Keep-Alive: 5\r\nProxy-Connection: close\r\nCookie: a=b\r\n"));
        client.answer();
      }
      assertThat(upstream.head().names())
          .map(name -> name.toLowerCase(Locale.ROOT))
          .contains("x-two", "cookie")
          .doesNotContain("x-one", "te", "keep-alive", "proxy-connection", "connection");
    }
  }

  @Test
  void ofAnotherMethodThanTheRoutesIs405() {
    try (RawUpstream upstream = RawUpstream.withBody("")) {
      edge.start(RouteYaml.of("/up", upstream, ", methods: [GET, PUT]"));
      HttpResponse<String> answer = edge.post("/up", "{}");
      assertThat(answer.statusCode()).isEqualTo(405);
      assertThat(answer.headers().firstValue("allow")).contains("GET, PUT");
      assertThat(edge.get("/up").statusCode()).isEqualTo(200);
      assertThat(edge.get("/other").statusCode()).isEqualTo(404);
    }
  }
}
