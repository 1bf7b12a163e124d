package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.credential.CredentialHasher;
import ai.molecule.edge.stores.ClusterServer;
import ai.molecule.edge.stores.RedisClusterSet;
import ai.molecule.edge.stores.TestStores;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two nodes on a Redis Cluster whose slots move and whose masters go: no 5xx of it, limits hold,
 * the dead stay dead, and what happens to one master is no matter of the others.
 */
final class RedisClusterIT {
  private static final int RATE = 30_000;
  private static final int BURST = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private RedisClusterSet redis;
  private EdgeNodes nodes;

  private void start(boolean replicated) {
    redis = TestStores.startRedisCluster(replicated);
    await().atMost(PATIENCE).until(redis::isFormed);
    nodes = EdgeNodes.on(TestStores.freshDatabase(), redis.uris()).cluster();
    nodes.start(2);
    awaitReady();
  }

  @AfterEach
  void stop() {
    nodes.close();
    redis.close();
  }

  private void awaitReady() {
    for (RunningNode node : nodes.all()) {
      await()
          .atMost(PATIENCE)
          .until(() -> node.operations("/health/ready").body().contains("\"missing\":[]"));
    }
  }

  private int slotOf(Made key) {
    String hash =
        CredentialHasher.create()
            .hash(key.secret().getBytes(StandardCharsets.US_ASCII))
            .base64Url();
    return redis.slotOf("b:{" + hash + "}");
  }

  private int ownerOf(Made key) {
    return redis.ownerOf(slotOf(key), redis.masters().getFirst());
  }

  /** A key that a certain master decides about. */
  private Made createAt(int master, Supplier<Made> create) {
    Made made = create.get();
    while (ownerOf(made) != master) {
      made = create.get();
    }
    return made;
  }

  private static void awaitAdmitted(Load load, long more) {
    long goal = load.admitted() + more;
    await().atMost(PATIENCE).until(() -> load.admitted() >= goal);
  }

  private void assertRefusedEverywhere(Made key) {
    for (RunningNode node : nodes.all()) {
      assertThat(node.useAtOnce(key, 20)).allMatch(used -> used.statusCode() == 401);
    }
  }

  private void awaitUsableEverywhere(Made key) {
    for (RunningNode node : nodes.all()) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                HttpResponse<String> used = node.use(key);
                assertThat(used.statusCode()).as(used.headers() + used.body()).isEqualTo(200);
              });
    }
  }

  private static void assertNoneFailedAndWithinLimit(List<Load.Sample> samples) {
    assertThat(samples).allMatch(sample -> sample.status() == 200 || sample.status() == 429);
    new AdmissionLog(samples, RATE, BURST).assertWithinLimit();
  }

  @Test
  void keysOfEveryMasterWorkOnEveryNodeUntilTheyAreRevoked() {
    start(false);
    for (int master = 0; master < redis.masters().size(); master++) {
      Made key = createAt(master, () -> nodes.node(0).create());
      Made rotated = createAt(master, () -> nodes.node(1).create());
      Made successor = nodes.node(0).rotate(rotated, 3_600);
      for (RunningNode node : nodes.all()) {
        assertThat(node.useAtOnce(key, 8)).allMatch(used -> used.statusCode() == 200);
        assertThat(node.useAtOnce(rotated, 8)).allMatch(used -> used.statusCode() == 200);
        assertThat(node.useAtOnce(successor, 8)).allMatch(used -> used.statusCode() == 200);
      }
      nodes.node(1).revoke(key);
      assertRefusedEverywhere(key);
      nodes.node(0).revoke(successor);
      assertRefusedEverywhere(successor);
      awaitUsableEverywhere(rotated);
    }
  }

  @Test
  void aLimitHoldsOverAllNodes() {
    start(false);
    Made key = nodes.node(0).createLimited(RATE, BURST);
    try (Load load = Load.on(nodes.all(), key, 4)) {
      awaitAdmitted(load, BURST + 300);
      List<Load.Sample> samples = load.stop();
      assertNoneFailedAndWithinLimit(samples);
      assertThat(samples).extracting(Load.Sample::node).contains(0, 1);
    }
  }

  @Test
  void movingSlotsCostsNoRequestNoLimitAndNoRevocation() {
    start(false);
    Made key = nodes.node(0).createLimited(RATE, BURST);
    List<Made> others = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      others.add(nodes.node(i % 2).create());
      awaitUsableEverywhere(others.get(i));
    }
    // A record in two slots, neither of which is that of the other.
    Made predecessor = nodes.node(0).create();
    others.add(predecessor);
    others.add(nodes.node(1).rotate(predecessor, 3_600));
    Made revoked = others.removeFirst();
    nodes.node(0).revoke(revoked);
    Made revokedMeanwhile = others.removeFirst();

    try (Load load = Load.on(nodes.all(), key, 4)) {
      awaitAdmitted(load, BURST + 50);
      for (int round = 0; round < 2; round++) {
        moveOn(key);
        moveOn(revoked);
        others.forEach(this::moveOn);
        others.forEach(this::awaitUsableEverywhere);
        awaitAdmitted(load, 100);
        assertRefusedEverywhere(revoked);
      }
      int slot = slotOf(revokedMeanwhile);
      ClusterServer from = redis.masters().get(ownerOf(revokedMeanwhile));
      ClusterServer to = next(from);
      redis.beginMove(slot, from, to);
      redis.moveKeys(slot, from, to);
      await()
          .atMost(PATIENCE)
          .until(() -> nodes.node(1).tryRevoke(revokedMeanwhile).statusCode() == 204);
      assertRefusedEverywhere(revokedMeanwhile);
      redis.endMove(slot, from, to);
      assertRefusedEverywhere(revokedMeanwhile);
      awaitAdmitted(load, 100);
      assertNoneFailedAndWithinLimit(load.stop());
    }
    others.forEach(this::awaitUsableEverywhere);
  }

  /** Moves a key's slot to the next master. */
  private void moveOn(Made key) {
    ClusterServer from = redis.masters().get(ownerOf(key));
    redis.move(slotOf(key), from, next(from));
  }

  private ClusterServer next(ClusterServer from) {
    List<ClusterServer> all = redis.masters();
    return all.get((all.indexOf(from) + 1) % all.size());
  }

  @Test
  void aMasterAwayIsAnOutageForItsKeysAlone() {
    start(false);
    Made there = createAt(0, () -> nodes.node(0).createLimited(RATE, BURST));
    Made elsewhere = createAt(1, () -> nodes.node(0).create());
    // A small burst is never leased: each of its requests is answered by its master.
    Made exact = createAt(2, () -> nodes.node(0).createLimited(RATE, 100));
    Made revoked = createAt(0, () -> nodes.node(0).create());
    awaitUsableEverywhere(elsewhere);
    nodes.node(0).revoke(revoked);

    try (Load load = Load.on(nodes.all(), there, 2);
        Load steady = Load.on(nodes.all(), exact, 1);
        Load untouched = Load.on(nodes.all(), elsewhere, 1)) {
      awaitAdmitted(load, BURST + 50);
      awaitAdmitted(untouched, 50);
      redis.masters().get(0).stop();
      awaitMissing();
      awaitAdmitted(load, 100);
      awaitAdmitted(untouched, 100);
      awaitAdmitted(steady, 100);
      assertThat(nodes.node(0).operations("/health/ready").statusCode()).isEqualTo(200);
      assertThat(nodes.node(0).operations("/metrics").body())
          .containsPattern("edge_redis_breaker_state(\\{[^}]*})? [12]");
      assertRefusedEverywhere(revoked);
      redis.masters().get(0).start();
      awaitReady();
      awaitAdmitted(load, 100);
      assertRefusedEverywhere(revoked);

      assertNoneFailedAndWithinLimit(load.stop());
      List<Load.Sample> exactly = steady.stop();
      assertThat(exactly).allMatch(sample -> sample.status() == 200 || sample.status() == 429);
      new AdmissionLog(exactly, RATE, 100).assertWithinLimit();
      assertThat(untouched.stop()).allMatch(sample -> sample.status() == 200);
    }
  }

  private void awaitMissing() {
    for (RunningNode node : nodes.all()) {
      await()
          .atMost(PATIENCE)
          .until(() -> node.operations("/health/ready").body().contains("\"redis\""));
    }
  }

  /** The master's replica stands still, sees nothing of what follows, and becomes the master. */
  private void failOver(int master, Runnable unseen) {
    ClusterServer replica = redis.replicaOf(master);
    replica.pause();
    // What the system has received for the replica would be read when it goes on.
    redis.masters().get(master).ask("CLIENT", "KILL", "TYPE", "replica");
    unseen.run();
    redis.masters().get(master).stop();
    replica.resume();
    await().atMost(PATIENCE).until(replica::isMaster);
    awaitReady();
  }

  @Test
  void aRevocationThatThePromotedReplicaNeverSawHolds() {
    start(true);
    Made key = createAt(2, () -> nodes.node(0).create());
    Made other = createAt(2, () -> nodes.node(0).create());
    for (RunningNode node : nodes.all()) {
      assertThat(node.useAtOnce(key, 8)).allMatch(used -> used.statusCode() == 200);
      assertThat(node.useAtOnce(other, 8)).allMatch(used -> used.statusCode() == 200);
    }

    failOver(2, () -> nodes.node(0).revoke(key));

    assertRefusedEverywhere(key);
    awaitUsableEverywhere(other);
    Made fresh = nodes.node(0).create();
    assertThat(nodes.node(1).status(fresh)).isEqualTo(200);
  }

  @Test
  void noLimitBeginsAnewWhenAReplicaIsPromotedAndNoRequestFails() {
    start(true);
    Made key = createAt(1, () -> nodes.node(0).createLimited(RATE, BURST));
    try (Load load = Load.on(nodes.all(), key, 4)) {
      awaitAdmitted(load, BURST + 50);
      failOver(1, () -> awaitAdmitted(load, 50));
      awaitAdmitted(load, 100);
      assertNoneFailedAndWithinLimit(load.stop());
    }
  }
}
