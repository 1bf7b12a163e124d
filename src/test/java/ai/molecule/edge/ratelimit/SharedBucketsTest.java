package ai.molecule.edge.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitAsk.Lease;
import ai.molecule.edge.redis.Incarnation;
import ai.molecule.edge.redis.IncarnationChanged;
import ai.molecule.edge.redis.LoopBound;
import ai.molecule.edge.redis.RedisConfig;
import ai.molecule.edge.redis.RedisLink;
import ai.molecule.edge.stores.RedisServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedBucketsTest {
  private static final String H = "h".repeat(43);
  private static final String PLACE = BucketKeys.record(H, H);
  private static final String BUCKET = BucketKeys.bucket(H);
  private static final Limit LIMIT = new Limit(1, 5);
  private static final Duration HOUR = Duration.ofHours(1);

  private final LoopBound loop = new LoopBound();
  private RedisServerHandle server;
  private RedisLink link;
  private SharedBuckets buckets;

  @BeforeEach
  void connect() {
    server = TestStores.startRedis();
    // These tests are not about deadlines, and the machine may be busy.
    link =
        loop.connectedLink(
            RedisConfig.defaults(server.uri()).withCommandTimeout(Duration.ofSeconds(1)));
    buckets = new SharedBuckets(link);
  }

  @AfterEach
  void close() {
    loop.close();
    server.close();
  }

  @Test
  void aCreatedKeyHasItsWholeBurstAtOnce() {
    Buffer record = record(1);
    assertThat(create(record)).isEqualTo(new PutReply(true, 1, 0));
    AdmitReply first = admit(0);
    assertThat(first.status()).isEqualTo(AdmitReply.Status.ADMITTED);
    assertThat(RecordHeader.decode(first.record()).payload()).isEqualTo(Buffer.buffer("{}"));
    assertThat(first.toDecision(LIMIT).remaining()).isEqualTo(4);
    for (int left = 3; left >= 0; left--) {
      AdmitReply next = admit(1);
      assertThat(next.remaining()).isEqualTo(left);
      assertThat(next.record()).isNull();
    }
    Decision refused = admit(1).toDecision(LIMIT);
    assertThat(refused.outcome()).isEqualTo(Decision.Outcome.LIMITED);
    assertThat(refused.source()).isEqualTo(Decision.Source.SHARED);
    assertThat(refused.retryAfterMillis()).isBetween(1L, 60_000L);
  }

  @Test
  void aLeaseIsTakenWithTheTokenAndNeverHoldsMoreThanHalfTheBurst() {
    create(new RecordHeader(1, 0, 0, -1, new Limit(60, 200), 0, null).encode(Buffer.buffer("{}")));
    AdmitReply reply =
        loop.await(
            () ->
                buckets.admit(
                    new AdmitAsk(PLACE, BUCKET, 1, 0, 1, new Lease(149, 1_000_000), Debit.NONE)));
    assertThat(reply.granted()).isEqualTo(1 + 200 / 2);
    assertThat(reply.remaining()).isEqualTo(99);
    assertThat(reply.leaseMillis()).isBetween(1_000L, 2_000L);
  }

  @Test
  void aScriptFlushLosesNothingAndRunsNothingTwice() {
    create(record(1));
    admit(1);
    loop.await(() -> link.send(Request.cmd(Command.SCRIPT, "FLUSH")));
    assertThat(admit(1).remaining()).isEqualTo(3);
  }

  @Test
  void aFillThatBeganBeforeARestartIsRefused() {
    create(record(1));
    Incarnation noted = loop.await(() -> buckets.incarnation("k:{any}"));
    assertThat(fill(noted, 1).won()).isTrue();

    server.stop();
    await().until(() -> !link.isAvailable());
    server.start();
    await().until(link::isAvailable);

    assertThatThrownBy(() -> fill(noted, 1)).isInstanceOf(IncarnationChanged.class);
    assertThat(admit(1).status()).isEqualTo(AdmitReply.Status.MISS);
    Incarnation now = loop.await(() -> buckets.incarnation("k:{any}"));
    assertThat(fill(now, 1).won()).isTrue();
    assertThat(admit(1).status())
        .as("empty after the restart")
        .isEqualTo(AdmitReply.Status.LIMITED);
  }

  @Test
  void whatIsAskedInOneTurnIsAnsweredAskByAskAsIfItHadComeAlone() {
    create(record(1));
    List<AdmitReply> replies =
        loop.await(
            () -> {
              List<Future<AdmitReply>> asked = new ArrayList<>();
              for (int i = 0; i < 40; i++) {
                asked.add(buckets.admit(one(PLACE, BUCKET, i % 3 == 0 ? 0 : 1)));
                asked.add(buckets.admit(one("k:{none}", "b:{none}", 1)));
              }
              return Future.all(asked).map(all -> all.<AdmitReply>list());
            });
    for (int i = 0; i < 40; i++) {
      AdmitReply reply = replies.get(2 * i);
      assertThat(reply.status())
          .isEqualTo(i < 5 ? AdmitReply.Status.ADMITTED : AdmitReply.Status.LIMITED);
      assertThat(reply.remaining()).isEqualTo(Math.max(0, 4 - i));
      assertThat(reply.record() != null).isEqualTo(i % 3 == 0);
      assertThat(replies.get(2 * i + 1).status()).isEqualTo(AdmitReply.Status.MISS);
    }
  }

  @Test
  void theAsksOfOneTurnGoToTheServerInFewScripts() {
    create(record(1));
    admit(1);
    loop.await(() -> link.send(Request.cmd(Command.CONFIG, "RESETSTAT")));
    loop.await(
        () -> {
          List<Future<AdmitReply>> asked = new ArrayList<>();
          for (int i = 0; i < 40; i++) {
            asked.add(buckets.admit(one(PLACE, BUCKET, 1)));
          }
          return Future.all(asked);
        });
    String stats =
        loop.await(() -> link.send(Request.cmd(Command.INFO, "commandstats"))).toString();
    assertThat(stats).contains("cmdstat_evalsha:calls=3,");
  }

  @Test
  void anAskThatRedisCannotAnswerLeavesThoseBesideItAlone() {
    create(record(1));
    loop.await(() -> link.send(Request.cmd(Command.LPUSH, "b:{broken}", "x")));
    loop.await(() -> link.send(Request.cmd(Command.COPY, PLACE, "k:{broken}")));
    List<Future<AdmitReply>> asked = new ArrayList<>();
    loop.await(
        () -> {
          asked.add(buckets.admit(one(PLACE, BUCKET, 1)));
          asked.add(buckets.admit(one("k:{broken}", "b:{broken}", 1)));
          asked.add(buckets.admit(one("b:{broken}", BUCKET, 1)));
          asked.add(buckets.admit(one(PLACE, BUCKET, 1)));
          return Future.join(asked).otherwiseEmpty();
        });
    assertThat(asked.get(0).result().remaining()).isEqualTo(4);
    assertThat(asked.get(1).cause()).hasMessageContaining("WRONGTYPE");
    assertThat(asked.get(2).cause()).hasMessageContaining("WRONGTYPE");
    assertThat(asked.get(3).result().remaining()).isEqualTo(3);
  }

  /** An ask for one token of a key with the scope that {@link #record} has. */
  private static AdmitAsk one(String place, String bucket, long knownVersion) {
    return new AdmitAsk(place, bucket, knownVersion, 1, 1, Lease.NONE, Debit.NONE);
  }

  private PutReply create(Buffer record) {
    return loop.await(() -> buckets.putNow(PLACE, BUCKET, record, HOUR, HOUR));
  }

  private PutReply fill(Incarnation noted, long version) {
    return loop.await(() -> buckets.put(noted, PLACE, record(version), HOUR));
  }

  private AdmitReply admit(long knownVersion) {
    return loop.await(() -> buckets.admit(one(PLACE, BUCKET, knownVersion)));
  }

  private static Buffer record(long version) {
    return new RecordHeader(version, 0, 0, 1, LIMIT, 0, null).encode(Buffer.buffer("{}"));
  }
}
