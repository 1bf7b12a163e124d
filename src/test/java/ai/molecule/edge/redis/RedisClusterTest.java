package ai.molecule.edge.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.redis.RedisUnavailable.Reason;
import ai.molecule.edge.stores.ClusterServer;
import ai.molecule.edge.stores.RedisClusterSet;
import ai.molecule.edge.stores.TestStores;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedisClusterTest {
  private static final RedisScript COUNT = RedisScript.of("return redis.call('INCR', KEYS[1])");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final LoopBound loop = new LoopBound();
  private RedisClusterSet cluster;
  private RedisAccess redis;

  private void start(boolean replicated, String password) {
    cluster = TestStores.startRedisCluster(replicated, password);
    await().atMost(PATIENCE).until(cluster::isFormed);
    redis = loop.connectedAccess(config(cluster.uris()));
    await().atMost(PATIENCE).until(this::isWhole);
  }

  private static RedisConfig config(String uris) {
    return ClusterConfig.of(uris, Duration.ofMillis(500), Duration.ofSeconds(5));
  }

  @AfterEach
  void close() {
    loop.await(redis::close);
    loop.close();
    cluster.close();
  }

  private boolean isWhole() {
    try {
      loop.await(() -> redis.ping().mapEmpty());
      return true;
    } catch (RedisUnavailable notYet) {
      return false;
    }
  }

  private long count(String key) {
    return loop.await(() -> redis.run(new ScriptCall(COUNT, List.of(key), List.of()))).toLong();
  }

  /** A key that a certain master has. */
  private String keyAt(int master) {
    for (int i = 0; ; i++) {
      String key = "count:" + i;
      if (cluster.ownerOf(cluster.slotOf(key), cluster.masters().getFirst()) == master) {
        return key;
      }
    }
  }

  @Test
  void everyMasterIsFoundFromOneThatAnswersAndAskedWithThePassword() {
    start(false, "secret");
    String unreachable = "redis://:secret@127.0.0.1:1";
    String last = cluster.masters().getLast().uri();
    RedisAccess other = loop.connectedAccess(config(unreachable + "," + last));
    for (int master = 0; master < cluster.masters().size(); master++) {
      String key = keyAt(master);
      assertThat(count(key)).isEqualTo(1);
      await().atMost(PATIENCE).until(() -> !other.serverOf(key).isEmpty());
      assertThat(other.serverOf(key)).isEqualTo(redis.serverOf(key)).doesNotContain("secret");
    }
    assertThat(redis.breakerState()).isEqualTo(CircuitBreaker.State.CLOSED);
    loop.await(other::close);
  }

  @Test
  void aSlotThatMovedIsFollowedWithoutAFailureAndLearnt() {
    start(false, "");
    String key = keyAt(0);
    assertThat(count(key)).isEqualTo(1);
    String before = redis.serverOf(key);
    cluster.move(cluster.slotOf(key), cluster.masters().get(0), cluster.masters().get(1));
    assertThat(count(key)).isEqualTo(2);
    assertThat(redis.serverOf(key)).isNotEqualTo(before);
    assertThat(count(key)).isEqualTo(3);
  }

  @Test
  void aHungMasterHurtsItsSlotsAloneAndRunsNothingTwice() {
    start(false, "");
    String there = keyAt(0);
    String elsewhere = keyAt(1);
    assertThat(count(there)).isEqualTo(1);
    cluster.masters().get(0).pause();
    assertThatThrownBy(() -> count(there))
        .isInstanceOfSatisfying(
            RedisUnavailable.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.TIMED_OUT));
    for (int i = 1; i <= 20; i++) {
      assertThat(count(elsewhere)).isEqualTo(i);
    }
    await().atMost(PATIENCE).until(() -> redis.breakerState() == CircuitBreaker.State.OPEN);
    assertThat(isWhole()).isFalse();
    cluster.masters().get(0).resume();
    await().atMost(PATIENCE).until(this::isWhole);
    assertThat(count(there)).as("2 was the one that timed out").isEqualTo(3);
  }

  /** Neither of the two loses anything here: what counts is that they are told apart. */
  @Test
  void aMasterThatWasDemotedAndPromotedAgainIsAnother() {
    start(true, "");
    ClusterServer master = cluster.masters().get(0);
    String key = keyAt(0);
    Incarnation before = loop.await(() -> redis.incarnationOf(key));
    String address = redis.serverOf(key);

    promote(cluster.replicaOf(0));
    await().atMost(PATIENCE).until(() -> !redis.serverOf(key).equals(address));
    promote(master);
    await().atMost(PATIENCE).until(() -> redis.serverOf(key).equals(address));
    await().atMost(PATIENCE).until(this::isWhole);

    assertThat(loop.await(() -> redis.incarnationOf(key))).isNotEqualTo(before);
    assertThatThrownBy(
            () ->
                loop.await(
                    () -> redis.runUnder(before, new ScriptCall(COUNT, List.of(key), List.of()))))
        .isInstanceOf(IncarnationChanged.class);
    assertThat(count(key)).isEqualTo(1);
  }

  private static void promote(ClusterServer replica) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .until(
            () -> {
              if (!replica.isMaster()) {
                replica.ask("CLUSTER", "FAILOVER");
              }
              return replica.isMaster();
            });
  }

  @Test
  void whatAServerOfAnEarlierEpochSaysIsBelievedOnlyWhenAllDo() {
    start(false, "");
    ServerAddress asked = new ServerAddress("127.0.0.1", 1);
    Response now = cluster.masters().get(0).ask("CLUSTER", "SLOTS");
    cluster.move(0, cluster.masters().get(0), cluster.masters().get(1));
    Response later = cluster.masters().get(1).ask("CLUSTER", "SLOTS");
    SlotOwners slots = new SlotOwners();
    assertThat(slots.learn(new ClusterView(8, later), asked)).isTrue();
    ServerAddress owner = slots.of(0);
    List<Boolean> taken = new ArrayList<>();
    for (int i = 0; i < SlotOwners.EARLIER_MAX; i++) {
      assertThat(slots.of(0)).isEqualTo(owner);
      taken.add(slots.learn(new ClusterView(7, now), asked));
    }
    assertThat(taken).containsOnlyOnce(true).endsWith(true);
    assertThat(slots.of(0)).isNotEqualTo(owner);
    assertThat(slots.isComplete()).isTrue();
    assertThat(slots.all()).hasSize(cluster.masters().size());
  }
}
