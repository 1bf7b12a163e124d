package ai.molecule.edge.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitAsk.Lease;
import ai.molecule.edge.ratelimit.AdmitReply.Status;
import ai.molecule.edge.redis.ClusterConfig;
import ai.molecule.edge.redis.Incarnation;
import ai.molecule.edge.redis.IncarnationChanged;
import ai.molecule.edge.redis.LoopBound;
import ai.molecule.edge.redis.RedisAccess;
import ai.molecule.edge.redis.RedisUnavailable;
import ai.molecule.edge.stores.ClusterServer;
import ai.molecule.edge.stores.RedisClusterSet;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What stands in a slot counts only if it was written where the slot is now, since the slot came
 * there: wherever it has been meanwhile, something may have been forgotten.
 */
class ClusterTenureTest {
  private static final Limit LIMIT = new Limit(1, 5);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int REVOKED = 1;

  private static RedisClusterSet cluster;
  private static int names;

  private final LoopBound loop = new LoopBound();
  private RedisAccess redis;
  private SharedBuckets buckets;
  private String place;
  private String bucket;
  private int slot;

  @BeforeAll
  static void startCluster() {
    cluster = TestStores.startRedisCluster(false);
    await().atMost(PATIENCE).until(cluster::isFormed);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void connect() {
    redis = loop.connectedAccess(ClusterConfig.of(cluster.uris(), Duration.ofSeconds(1)));
    buckets = new SharedBuckets(redis);
    String root = "r" + names++ + "_".repeat(40);
    place = BucketKeys.record(root, root);
    bucket = BucketKeys.bucket(root);
    slot = cluster.slotOf(place);
    await().atMost(PATIENCE).until(() -> buckets.server(bucket).length() > 0);
    await().atMost(PATIENCE).until(this::answers);
  }

  @AfterEach
  void close() {
    loop.await(redis::close);
    loop.close();
  }

  private boolean answers() {
    try {
      loop.await(() -> buckets.incarnation(place));
      return true;
    } catch (RedisUnavailable notYet) {
      return false;
    }
  }

  private ClusterServer owner() {
    return cluster.masters().get(cluster.ownerOf(slot, cluster.masters().getFirst()));
  }

  private ClusterServer another() {
    int owner = cluster.masters().indexOf(owner());
    return cluster.masters().get((owner + 1) % cluster.masters().size());
  }

  @Test
  void aCreatedKeyHasItsWholeBurstAndNoMore() {
    create();
    for (int left = 4; left >= 0; left--) {
      assertThat(admit(1).remaining()).isEqualTo(left);
    }
    assertThat(admit(1).status()).isEqualTo(Status.LIMITED);
  }

  @Test
  void noLimitBeginsAnewWhereASlotArrives() {
    create();
    assertThat(admit(1).remaining()).isEqualTo(4);
    move(owner(), another());
    assertThat(admit(1).status()).as("its record was written elsewhere").isEqualTo(Status.MISS);
    fill(noted(), 1);
    assertThat(admit(1).status()).isEqualTo(Status.LIMITED);
  }

  @Test
  void aBucketThatIsMissingWhereASlotArrivesIsNotFull() {
    create();
    ClusterServer from = owner();
    ClusterServer to = another();
    move(from, to);
    to.ask("DEL", bucket);
    fill(noted(), 1);
    assertThat(admit(1).status()).isEqualTo(Status.LIMITED);
  }

  /**
   * The revocation is written where the slot has been for a while, and lost there with everything
   * that was written since its arrival. The slot comes back as it left.
   */
  @Test
  void aSlotThatComesBackAsItLeftIsNotBelieved() {
    create();
    assertThat(admit(0).status()).isEqualTo(Status.ADMITTED);
    ClusterServer home = owner();
    ClusterServer away = another();
    move(home, away);
    List<Kept> asItArrived = keep(away);
    assertThat(loop.await(() -> buckets.putNow(place, bucket, tombstone(), HOUR, Duration.ZERO)))
        .isEqualTo(new PutReply(true, 2, REVOKED));
    assertThat(admit(0).state()).isEqualTo(REVOKED);
    asItArrived.forEach(kept -> kept.restore(away));
    move(away, home);

    assertThat(admit(0).status()).isEqualTo(Status.MISS);
    fill(noted(), 1);
    assertThat(admit(1).status()).as("nor is its bucket").isEqualTo(Status.LIMITED);
  }

  /** A value as a replica has it that saw nothing of what came after. */
  private record Kept(String key, byte[] dump) {
    void restore(ClusterServer server) {
      server.ask("RESTORE", key, 0, dump, "REPLACE");
    }
  }

  private List<Kept> keep(ClusterServer server) {
    List<Kept> kept = new ArrayList<>();
    for (Response key : server.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)) {
      kept.add(new Kept(key.toString(), dump(server, key.toString())));
    }
    assertThat(kept).hasSize(3);
    return kept;
  }

  private static byte[] dump(ClusterServer server, String key) {
    return server.ask("DUMP", key).toBytes();
  }

  @Test
  void aFillThatBeganBeforeTheSlotWasAwayIsRefused() {
    create();
    Incarnation noted = noted();
    ClusterServer home = owner();
    ClusterServer away = another();
    move(home, away);
    assertThatThrownBy(() -> fill(noted, 1)).isInstanceOf(IncarnationChanged.class);
    move(away, home);
    assertThatThrownBy(() -> fill(noted, 1)).isInstanceOf(IncarnationChanged.class);
    assertThat(fill(noted(), 1).won()).isTrue();
  }

  @Test
  void aRevocationWhileTheSlotIsMovingHoldsHereAndThere() {
    create();
    admit(1);
    ClusterServer from = owner();
    ClusterServer to = another();
    cluster.beginMove(slot, from, to);
    assertThat(admit(1).status()).as("all of it is still here").isEqualTo(Status.ADMITTED);
    cluster.moveKeys(slot, from, to);
    assertThat(admit(1).status()).as("asked there").isEqualTo(Status.MISS);
    loop.await(() -> buckets.putNow(place, bucket, tombstone(), HOUR, Duration.ZERO));
    assertThat(admit(0).state()).isEqualTo(REVOKED);
    cluster.endMove(slot, from, to);
    assertThat(admit(0).state()).isEqualTo(REVOKED);
  }

  @Test
  void aLineageThatIsTornApartForAMomentIsNotDecidedAbout() {
    create();
    ClusterServer from = owner();
    ClusterServer to = another();
    cluster.beginMove(slot, from, to);
    cluster.moveKey(place, from, to);
    assertThatThrownBy(() -> admit(1)).isInstanceOf(RedisUnavailable.class);
    cluster.endMove(slot, from, to);
    assertThat(admit(1).status()).isEqualTo(Status.MISS);
  }

  @Test
  void aMasterThatForgetsEverythingUnnoticedGivesOutNothingAnew() {
    create();
    assertThat(admit(1).remaining()).isEqualTo(4);
    owner().ask("FLUSHALL");
    assertThat(admit(1).status()).isEqualTo(Status.MISS);
    fill(noted(), 1);
    assertThat(admit(1).status()).isEqualTo(Status.LIMITED);
  }

  private void move(ClusterServer from, ClusterServer to) {
    cluster.move(slot, from, to);
  }

  private void create() {
    PutReply created = loop.await(() -> buckets.putNow(place, bucket, record(1, 0), HOUR, HOUR));
    assertThat(created).isEqualTo(new PutReply(true, 1, 0));
  }

  private Incarnation noted() {
    return loop.await(() -> buckets.incarnation(place));
  }

  private PutReply fill(Incarnation noted, long version) {
    return loop.await(() -> buckets.put(noted, place, record(version, 0), HOUR));
  }

  private AdmitReply admit(long knownVersion) {
    AdmitAsk ask = new AdmitAsk(place, bucket, knownVersion, 1, 1, Lease.NONE, Debit.NONE);
    return loop.await(() -> buckets.admit(ask));
  }

  private static Buffer tombstone() {
    return record(2, REVOKED);
  }

  private static Buffer record(long version, int state) {
    return new RecordHeader(version, state, 0, 1, LIMIT, 0, null).encode(Buffer.buffer("{}"));
  }
}
