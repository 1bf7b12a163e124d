package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.stores.SentinelSet;
import ai.molecule.edge.stores.TestStores;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The master fails over to a replica that has missed its last writes: what was revoked stays
 * revoked, and no limit begins anew.
 */
final class SentinelIT {
  private static final int RATE = 6_000;
  private static final int BURST = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private SentinelSet redis;
  private EdgeNodes nodes;

  @BeforeEach
  void start() {
    redis = TestStores.startSentinelSet();
    await().atMost(PATIENCE).until(redis::isInStep);
    nodes =
        EdgeNodes.on(TestStores.freshDatabase(), redis.uri())
            .sentinels(SentinelSet.MASTER)
            .impatient()
            .start(2);
  }

  @AfterEach
  void stop() {
    nodes.close();
    redis.close();
  }

  /** The replica stands still, sees nothing of what follows, and becomes the master. */
  private void failOver(Runnable unseen) {
    redis.leaveReplicaBehind();
    unseen.run();
    redis.master().stop();
    redis.replica().resume();
    await().atMost(PATIENCE).until(redis::isFailedOver);
    for (RunningNode node : nodes.all()) {
      await()
          .atMost(PATIENCE)
          .until(() -> node.operations("/health/ready").body().contains("\"missing\":[]"));
    }
  }

  @Test
  void aRevocationThatTheReplicaNeverSawHolds() {
    Made key = nodes.node(0).create();
    Made other = nodes.node(0).create();
    for (RunningNode node : nodes.all()) {
      assertThat(node.useAtOnce(key, 8)).allMatch(used -> used.statusCode() == 200);
      assertThat(node.useAtOnce(other, 8)).allMatch(used -> used.statusCode() == 200);
    }

    failOver(() -> nodes.node(0).revoke(key));

    for (RunningNode node : nodes.all()) {
      assertThat(node.useAtOnce(key, 50)).allMatch(used -> used.statusCode() == 401);
      await().atMost(PATIENCE).until(() -> node.status(other) == 200);
    }
    Made fresh = nodes.node(0).create();
    assertThat(nodes.node(1).status(fresh)).isEqualTo(200);
  }

  @Test
  void noLimitBeginsAnewAndNoRequestFails() {
    Made key = nodes.node(0).createLimited(RATE, BURST);
    try (Load load = Load.on(nodes.all(), key, 4)) {
      awaitAdmitted(load, BURST + 50);
      failOver(() -> awaitAdmitted(load, 50));
      awaitAdmitted(load, 100);
      List<Load.Sample> samples = load.stop();

      assertThat(samples).allMatch(sample -> sample.status() == 200 || sample.status() == 429);
      new AdmissionLog(samples, RATE, BURST).assertWithinLimit();
    }
  }

  private static void awaitAdmitted(Load load, long more) {
    long goal = load.admitted() + more;
    await().atMost(PATIENCE).until(() -> load.admitted() >= goal);
  }
}
