package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The life of a key, as its holder sees it, on two nodes. */
final class KeyStoryIT {
  private static final Pattern RATE_LIMIT = Pattern.compile("\"key\";r=(\\d+);t=(\\d+)");

  @AutoClose private static EdgeNodes nodes;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores().start(2);
  }

  private static long left(HttpResponse<String> response) {
    return state(response, 1);
  }

  private static long secondsToFull(HttpResponse<String> response) {
    return state(response, 2);
  }

  private static long state(HttpResponse<String> response, int group) {
    String header = response.headers().firstValue("RateLimit").orElse("none");
    Matcher matcher = RATE_LIMIT.matcher(header);
    assertThat(matcher.matches()).as(header).isTrue();
    return Long.parseLong(matcher.group(group));
  }

  @Test
  void aKeyIsMadeAndUsedAndMeetsItsLimitAndIsRevoked() {
    RunningNode here = nodes.node(0);
    RunningNode there = nodes.node(1);
    Made key = here.createLimited(30, 5);
    assertThat(key.secret()).startsWith("mol_pk_live_").hasSize(50);

    HttpResponse<String> response = here.use(key);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(new JsonObject(response.body()).getString("id")).isEqualTo(key.id());
    assertThat(response.headers().firstValue("RateLimit-Policy")).hasValue("\"key\";q=5;w=10");
    assertThat(left(response)).isEqualTo(4);
    assertThat(left(there.use(key))).isBetween(3L, 4L);

    response = drainBucket(key);
    assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("rate_limited");
    assertThat(left(response)).isZero();
    long retryAfter = Long.parseLong(response.headers().firstValue("Retry-After").orElseThrow());
    assertThat(retryAfter).isBetween(1L, 2L);
    assertThat(secondsToFull(response)).isBetween(8L, 10L);

    Instant full = Instant.now().plusSeconds(retryAfter);
    await().atMost(Duration.ofSeconds(10)).until(() -> Instant.now().isAfter(full));
    assertThat(nodes.any().status(key)).isEqualTo(200);

    here.revoke(key);
    assertRevoked(here.use(key));
    assertRevoked(there.use(key));
    here.revoke(key);
    assertThat(there.shown(key).getString("status")).isEqualTo("revoked");
  }

  /** Uses the key, on any node, until it is refused for its limit; counts that it did. */
  private static HttpResponse<String> drainBucket(Made key) {
    for (int uses = 0; uses < 20; uses++) {
      HttpResponse<String> response = nodes.any().use(key);
      if (response.statusCode() == 429) {
        return response;
      }
      assertThat(response.statusCode()).isEqualTo(200);
    }
    throw new AssertionError("the limit was not met");
  }

  private static void assertRevoked(HttpResponse<String> response) {
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("key_revoked");
    assertThat(response.headers().firstValue("WWW-Authenticate"))
        .hasValue("Bearer realm=\"partner-edge\", error=\"invalid_token\"");
  }

  @Test
  void theLimitCountsDownOverBothNodesAndRefusesExactlyWhenTheBucketIsEmpty() {
    // One a minute: nothing comes back while this runs.
    Made key = nodes.any().createLimited(1, 12);

    for (int left = 11; left >= 0; left--) {
      HttpResponse<String> response = nodes.any().use(key);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(left(response)).isEqualTo(left);
    }
    for (RunningNode node : nodes.all()) {
      HttpResponse<String> response = node.use(key);
      assertThat(response.statusCode()).isEqualTo(429);
      assertThat(left(response)).isZero();
    }
  }

  @Test
  void exactlyTheBurstIsAdmittedAtOnce() {
    // One a minute: nothing comes back while this runs.
    Made key = nodes.any().createLimited(1, 40);

    List<Integer> statuses =
        nodes.all().stream()
            .flatMap(node -> node.useAtOnce(key, 60).stream())
            .map(HttpResponse::statusCode)
            .toList();

    assertThat(statuses).filteredOn(status -> status == 200).hasSize(40);
    assertThat(statuses).filteredOn(status -> status == 429).hasSize(80);
  }

  @Test
  void aRefusalForTheLimitComesWithTheWholeSecondsToWait() {
    Made key = nodes.node(0).createLimited(10, 1);
    assertThat(nodes.node(0).status(key)).isEqualTo(200);

    for (RunningNode node : nodes.all()) {
      HttpResponse<String> response = node.use(key);
      assertThat(response.statusCode()).isEqualTo(429);
      assertThat(response.headers().firstValue("Retry-After").orElseThrow()).matches("[1-6]");
    }
  }

  @Test
  void theTimeOfTheLastUseIsKnownWithinFiveSeconds() {
    Made key = nodes.node(0).create();
    assertThat(key.object().getString("last_used_at")).isNull();
    Instant before = Instant.now().minusMillis(1);
    HttpResponse<String> used = nodes.node(0).use(key);
    assertThat(Instant.parse(new JsonObject(used.body()).getString("last_used_at")))
        .isAfter(before);

    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () ->
                assertThat(nodes.node(1).shown(key).getString("last_used_at"))
                    .isNotNull()
                    .satisfies(at -> assertThat(Instant.parse(at)).isAfter(before)));
  }

  @Test
  void aUseThatIsRefusedForItsLimitOrScopeCountsAsAUse() {
    Made key = nodes.node(0).create();
    assertThat(nodes.node(0).send("GET", RunningNode.KEYS, key.secret(), null).statusCode())
        .isEqualTo(403);

    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () -> assertThat(nodes.node(1).shown(key).getString("last_used_at")).isNotNull());
  }

  @Test
  void aKeyWorksOnEveryNodeOnceItsCreationIsAnswered() {
    for (int i = 0; i < 50; i++) {
      Made key = nodes.any().create();
      for (RunningNode node : nodes.all()) {
        assertThat(node.status(key)).isEqualTo(200);
      }
    }
  }

  @Test
  void theHolderOfALeakedKeyCanKillItEvenWhenItsLimitIsUsedUp() {
    Made key = nodes.node(0).createLimited(1, 1);
    assertThat(nodes.node(0).status(key)).isEqualTo(200);
    assertThat(nodes.node(1).status(key)).isEqualTo(429);

    HttpResponse<String> killed =
        nodes.node(1).send("DELETE", RunningNode.OWN_KEY, key.secret(), null);

    assertThat(killed.statusCode()).isEqualTo(204);
    nodes.all().forEach(node -> assertRevoked(node.use(key)));
  }
}
