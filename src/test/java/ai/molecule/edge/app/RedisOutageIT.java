package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.stores.RedisServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Redis goes away under load, in each of its ways: no 5xx of it, limits hold, the dead stay dead.
 */
final class RedisOutageIT {
  private static final int RATE = 6_000;
  private static final int BURST = 200;
  private static final Duration RECOVERY = Duration.ofSeconds(20);

  private RedisServerHandle redis;
  private EdgeNodes nodes;
  private RunningNode node;

  @BeforeEach
  void start() {
    redis = TestStores.startRedis();
    nodes = EdgeNodes.on(TestStores.freshDatabase(), redis.uri()).impatient();
    node = nodes.start();
  }

  @AfterEach
  void stop() {
    nodes.close();
    redis.close();
  }

  @FunctionalInterface
  private interface Outage {
    void happens(Load load);
  }

  /** Asks for many times the limit before, during and after the outage. */
  private void underLoad(Outage outage) {
    Made key = node.createLimited(RATE, BURST);
    try (Load load = Load.on(nodes.all(), key, 4)) {
      awaitAdmitted(load, BURST + 50);
      outage.happens(load);
      awaitAdmitted(load, 100);
      List<Load.Sample> samples = load.stop();

      assertThat(samples).allMatch(sample -> sample.status() == 200 || sample.status() == 429);
      AdmissionLog log = new AdmissionLog(samples, RATE, BURST);
      log.assertWithinLimit();
    }
  }

  /** Waits until that many more are admitted. */
  private static void awaitAdmitted(Load load, long more) {
    long goal = load.admitted() + more;
    await().atMost(RECOVERY).until(() -> load.admitted() >= goal);
  }

  private void awaitRedisMissing() {
    await()
        .atMost(RECOVERY)
        .until(() -> node.operations("/health/ready").body().contains("\"redis\""));
  }

  private void awaitReady() {
    await()
        .atMost(RECOVERY)
        .until(() -> node.operations("/health/ready").body().contains("\"missing\":[]"));
  }

  @Test
  void aRedisThatStopsAndComesBackEmptyCostsNoRequestAndNoLimit() {
    underLoad(
        load -> {
          redis.stop();
          awaitAdmitted(load, 100);
          awaitRedisMissing();
          assertThat(node.operations("/health/ready").statusCode()).isEqualTo(200);
          awaitAdmitted(load, 100);
          redis.start();
          awaitReady();
        });
  }

  @Test
  void aRedisThatHangsCostsNoRequestAndNoLimit() {
    underLoad(
        load -> {
          redis.pause();
          awaitAdmitted(load, 200);
          redis.resume();
          awaitReady();
        });
  }

  @Test
  void aRedisThatRestartsAtOnceCostsNoRequestAndNoLimit() {
    underLoad(
        load -> {
          for (int i = 0; i < 3; i++) {
            redis.stop();
            redis.start();
            awaitAdmitted(load, 50);
          }
        });
  }

  @Test
  void aNewKeyAndAColdKeyWorkWithoutRedis() {
    Made cold = node.create();
    redis.stop();
    awaitRedisMissing();
    assertThat(node.use(cold).statusCode()).isIn(200, 429);

    Made made = node.create();
    await().atMost(RECOVERY).until(() -> node.status(made) == 200);
    await().atMost(RECOVERY).until(() -> node.status(cold) == 200);
  }

  @Test
  void aRevocationAskedMeanwhileIs503AndInForceOnceRedisIsBack() {
    Made key = node.create();
    Made other = node.create();
    assertThat(node.status(key)).isEqualTo(200);
    redis.stop();
    awaitRedisMissing();

    HttpResponse<String> asked = node.tryRevoke(key);
    assertThat(asked.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(asked.body()).getString("code")).isEqualTo("store_unavailable");
    assertThat(asked.headers().firstValue("Retry-After").orElse("none")).matches("[1-9][0-9]*");
    PostgresEye postgres = new PostgresEye(nodes.postgresUri());
    assertThat(postgres.pendingChanges()).isPositive();

    redis.start();
    await().atMost(RECOVERY).until(() -> postgres.pendingChanges() == 0);
    for (HttpResponse<String> response : node.useAtOnce(key, 8)) {
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("key_revoked");
    }
    await().atMost(RECOVERY).until(() -> node.status(other) == 200);
  }

  @Test
  void aRevocationRepeatedOnceRedisIsBackIsAnswered204AndInForce() {
    Made key = node.create();
    redis.pause();
    assertThat(node.tryRevoke(key).statusCode()).isEqualTo(503);
    redis.resume();

    await().atMost(RECOVERY).until(() -> node.tryRevoke(key).statusCode() == 204);

    assertThat(node.useAtOnce(key, 8)).allMatch(response -> response.statusCode() == 401);
  }

  @Test
  void theRevokedStayRevokedWhenRedisLosesItsMemory() {
    RunningNode second = nodes.start();
    Made revoked = node.create();
    Made rotated = node.create();
    Made alive = node.create();
    assertThat(second.useAtOnce(revoked, 4)).allMatch(used -> used.statusCode() == 200);
    second.revoke(revoked);
    Made successor = second.rotate(rotated, 0);

    redis.stop();
    redis.start();

    for (RunningNode each : nodes.all()) {
      assertThat(each.useAtOnce(revoked, 8)).allMatch(used -> used.statusCode() == 401);
      assertThat(each.useAtOnce(rotated, 8)).allMatch(used -> used.statusCode() == 401);
      await().atMost(RECOVERY).until(() -> each.status(alive) == 200);
      await().atMost(RECOVERY).until(() -> each.status(successor) == 200);
      assertThat(each.status(revoked)).isEqualTo(401);
      assertThat(each.status(rotated)).isEqualTo(401);
    }
  }
}
