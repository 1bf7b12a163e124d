package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.proxy.RawUpstream;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a forwarded call costs its key: the route's price, or what the upstream says in the end. */
final class ForwardedCostIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension final RoutedNode edge = new RoutedNode("orgs:read");

  @Test
  void ofARefusedCallLeavesItsTokensToACheaperOne() {
    try (RawUpstream upstream = RawUpstream.withBody("")) {
      edge.start(
          RouteYaml.of(
              RouteYaml.route("/dear", upstream, ", cost: 6"),
              RouteYaml.route("/cheap", upstream, "")));
      Made ten = edge.node().createLimited(1, 10);
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
      edge.start(RouteYaml.of("/dear", upstream, ", cost: 11"));
      Made ten = edge.node().createLimited(1, 10);
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> answer = edge.node().send("GET", "/dear", ten.secret(), null);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("cost_exceeds_burst");
        assertThat(answer.headers().firstValue("ratelimit").orElseThrow()).contains("r=10");
      }
      assertThat(upstream.connections()).isZero();
    }
  }

  /** Leased tokens are spent by the call's cost, and never beyond the bucket. */
  @Test
  void isCountedInLeasedTokensToo() {
    try (RawUpstream upstream = RawUpstream.withBody("")) {
      edge.start(RouteYaml.of("/dear", upstream, ", cost: 7"));
      Made key = edge.node().createLimited(1, 3_000);
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
      edge.start(RouteYaml.of("/up", upstream, ", cost: 50"));
      Made cheaper = edge.node().createLimited(1, 100);
      assertThat(status(cheaper, "/up?10")).isEqualTo(200);
      // 50 are left of 100 until 40 come back; each look takes one.
      await().atMost(PATIENCE).until(() -> left(cheaper) > 50);
      assertThat(left(cheaper)).isLessThan(90);

      Made dearer = edge.node().createLimited(1, 100);
      assertThat(status(dearer, "/up?120")).isEqualTo(200);
      await().atMost(PATIENCE).until(() -> edge.node().use(dearer).statusCode() == 429);

      Made unsettled = edge.node().createLimited(1, 100);
      assertThat(status(unsettled, "/up?nonsense")).isEqualTo(200);
      assertThat(left(unsettled)).isEqualTo(49);
    }
  }

  /** Tokens left after one more use. */
  private int left(Made of) {
    String state = edge.node().use(of).headers().firstValue("ratelimit").orElseThrow();
    return Integer.parseInt(state.replaceAll(".*r=([0-9]+);.*", "$1"));
  }

  private int status(Made by, String path) {
    return edge.node().send("GET", path, by.secret(), null).statusCode();
  }
}
