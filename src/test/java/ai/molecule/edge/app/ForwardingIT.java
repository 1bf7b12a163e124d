package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.edge.RouteFile;
import ai.molecule.edge.edge.RoutesConfig;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

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
  }
}
