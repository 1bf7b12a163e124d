package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.credential.ExampleCredentials;
import ai.molecule.edge.stores.PostgresServerHandle;
import ai.molecule.edge.stores.RedisServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Postgres goes away: known keys go on, nothing is admitted unchecked, nothing acknowledged is
 * lost. With Redis gone as well a node knows nothing and says so.
 */
final class PostgresOutageIT {
  /** A credential of the right form that belongs to no key. */
  private static final String UNKNOWN = ExampleCredentials.LIVE_KEY;

  private static final Duration RECOVERY = Duration.ofSeconds(30);

  /** Longer than a node's session, which lapses by then. */
  private static final Duration LAPSE = Duration.ofSeconds(20);

  private PostgresServerHandle postgres;
  private RedisServerHandle redis;
  private EdgeNodes nodes;
  private RunningNode node;
  private RunningNode other;

  @BeforeEach
  void start() {
    postgres = TestStores.startPostgres();
    redis = TestStores.startRedis();
    nodes = EdgeNodes.on(postgres.uri(), redis.uri());
    node = nodes.start();
    other = nodes.start();
  }

  @AfterEach
  void stop() {
    nodes.close();
    postgres.close();
    redis.close();
  }

  private static void assertUnavailable(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
    assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("store_unavailable");
    assertThat(response.headers().firstValue("Retry-After").orElse("none")).matches("[1-9][0-9]*");
  }

  private static void awaitMissing(RunningNode node, String missing) {
    await()
        .atMost(RECOVERY)
        .until(
            () ->
                node.operations("/health/ready").body().contains("\"missing\":[" + missing + "]"));
  }

  /** That node trusts its own cache no longer. */
  private static void awaitLapsed(RunningNode node) {
    await()
        .atMost(LAPSE)
        .until(() -> node.operations("/metrics").body().contains("edge_session_valid 0.0"));
  }

  @Nested
  class PostgresAway {
    @Test
    void knownKeysGoOnWarmOrColdAndTheControlPlaneSays503() {
      Made warm = node.create();
      Made cold = node.create();
      assertThat(node.useAtOnce(warm, 4)).allMatch(used -> used.statusCode() == 200);

      postgres.stop();

      // `other` has never seen either of them: they come from Redis.
      assertThat(node.useAtOnce(warm, 20)).allMatch(used -> used.statusCode() == 200);
      assertThat(other.useAtOnce(warm, 4)).allMatch(used -> used.statusCode() == 200);
      assertThat(other.useAtOnce(cold, 4)).allMatch(used -> used.statusCode() == 200);
      awaitLapsed(node);
      assertThat(node.useAtOnce(warm, 20)).allMatch(used -> used.statusCode() == 200);
      awaitMissing(node, "\"postgres\"");
      assertThat(node.operations("/health/ready").statusCode()).isEqualTo(200);

      assertUnavailable(
          node.send("POST", RunningNode.KEYS, EdgeNodes.ADMIN, RunningNode.body("orgs:read")));
      assertUnavailable(node.send("GET", RunningNode.KEYS, EdgeNodes.ADMIN, null));
      assertUnavailable(node.send("GET", warm.path(), EdgeNodes.ADMIN, null));
      assertUnavailable(
          node.send("PATCH", warm.path(), EdgeNodes.ADMIN, new JsonObject().put("name", "x")));
      assertUnavailable(node.tryRevoke(warm));
      assertUnavailable(
          node.send("POST", warm.path() + "/rotate", EdgeNodes.ADMIN, new JsonObject()));
      assertUnavailable(node.send("DELETE", RunningNode.OWN_KEY, warm.secret(), null));
    }

    @Test
    void aCredentialNobodyKnowsIsNotCalledUnknownButUnavailable() {
      postgres.stop();
      assertUnavailable(node.use(UNKNOWN));
      assertThat(node.use("mol_pk_live_" + "A".repeat(38)).statusCode()).isEqualTo(401);

      postgres.start();
      await().atMost(RECOVERY).until(() -> node.use(UNKNOWN).statusCode() == 401);
    }

    @Test
    void aHungPostgresIsTheSameAsAStoppedOne() {
      Made warm = node.create();
      assertThat(node.status(warm)).isEqualTo(200);
      postgres.pause();
      try {
        assertThat(node.useAtOnce(warm, 20)).allMatch(used -> used.statusCode() == 200);
        assertUnavailable(node.use(UNKNOWN));
        assertUnavailable(node.tryRevoke(warm));
        assertThat(node.useAtOnce(warm, 20)).allMatch(used -> used.statusCode() == 200);
      } finally {
        postgres.resume();
      }
      await().atMost(RECOVERY).until(() -> node.tryRevoke(warm).statusCode() == 204);
      assertThat(other.useAtOnce(warm, 4)).allMatch(used -> used.statusCode() == 401);
    }

    @Test
    void afterwardsEverythingRecoversAndTheUsesOfTheOutageArrive() {
      Made key = node.create();
      Made revoked = node.create();
      node.revoke(revoked);
      postgres.stop();
      long before = System.currentTimeMillis();
      assertThat(node.status(key)).isEqualTo(200);
      awaitMissing(node, "\"postgres\"");

      postgres.start();

      PostgresEye eye = new PostgresEye(postgres.uri());
      await().atMost(RECOVERY).until(() -> eye.lastUsedMillis(key) >= before);
      awaitMissing(node, "");
      awaitMissing(other, "");
      await().atMost(RECOVERY).until(() -> eye.pendingChanges() == 0);
      Made made = node.create();
      assertThat(other.status(made)).isEqualTo(200);
      assertThat(node.shown(revoked).getString("status")).isEqualTo("revoked");
      node.revoke(key);
      for (RunningNode each : nodes.all()) {
        assertThat(each.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 401);
        assertThat(each.status(revoked)).isEqualTo(401);
      }
    }

    @Test
    void whatWasAcknowledgedAroundAStopIsNotLost() {
      try (Load load = Load.on(nodes.all(), node.create(), 1)) {
        Made[] made = IntStream.range(0, 20).mapToObj(i -> node.create()).toArray(Made[]::new);
        for (int i = 0; i < 10; i++) {
          node.revoke(made[i]);
        }
        postgres.stop();
        postgres.start();
        awaitMissing(node, "");
        for (int i = 0; i < 20; i++) {
          int index = i;
          String status = i < 10 ? "revoked" : "active";
          await()
              .atMost(RECOVERY)
              .ignoreExceptionsInstanceOf(AssertionError.class)
              .until(() -> status.equals(node.shown(made[index]).getString("status")));
          assertThat(other.status(made[i])).isEqualTo(i < 10 ? 401 : 200);
        }
        assertThat(load.stop()).allMatch(Load.Sample::admitted);
      }
    }
  }

  @Nested
  class BothAway {
    @Test
    void aNodeThatCanAskNobodySays503AndIsWellAgainWhenTheyReturn() {
      Made key = node.create();
      assertThat(node.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 200);

      postgres.stop();
      redis.stop();
      awaitLapsed(node);

      assertThat(node.useAtOnce(key, 20)).allSatisfy(PostgresOutageIT::assertUnavailable);
      assertUnavailable(node.use(UNKNOWN));
      awaitMissing(node, "\"postgres\",\"redis\"");
      HttpResponse<String> ready = node.operations("/health/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(new JsonObject(ready.body()).getString("status")).isEqualTo("cut_off");
      assertThat(node.operations("/health/live").statusCode()).isEqualTo(200);
      assertThat(node.use("mol_pk_live_" + "A".repeat(38)).statusCode()).isEqualTo(401);

      redis.start();
      postgres.start();
      for (RunningNode each : nodes.all()) {
        await().atMost(RECOVERY).until(() -> each.status(key) == 200);
        awaitMissing(each, "");
        assertThat(each.operations("/health/ready").statusCode()).isEqualTo(200);
      }
      await().atMost(RECOVERY).until(() -> node.tryRevoke(key).statusCode() == 204);
      assertThat(other.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 401);
    }
  }
}
