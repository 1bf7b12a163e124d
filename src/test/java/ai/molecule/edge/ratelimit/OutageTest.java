package ai.molecule.edge.ratelimit;

import static ai.molecule.edge.ratelimit.LuaBucket.EPOCH_START_MICROS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitReply.Status;
import ai.molecule.edge.ratelimit.LocalBuckets.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What nodes gave out by themselves while Redis was away is settled with the bucket afterwards. */
class OutageTest {
  private static final long SECOND = 1_000_000;
  private static final long TOKEN = 60_000_000;
  private static final long START = EPOCH_START_MICROS + 3_600 * SECOND;
  private static final Limit LIMIT = new Limit(60, 10);

  @Test
  void theFirstNodeBackFindsNoRefillForTheTimeOfTheOutage() {
    LuaBucket bucket = new LuaBucket().limited(LIMIT);
    assertThat(bucket.take(START, 6).remaining()).isEqualTo(4);
    AdmitReply back = bucket.take(START + 5 * SECOND, 0, new Debit(0, START + SECOND));
    assertThat(back.remaining()).as("4, and 1 refilled before it").isEqualTo(5);
    assertThat(bucket.take(START + 6 * SECOND, 0).remaining()).isEqualTo(6);
  }

  @Test
  void aFullBucketMayBeSpentToTheLastTokenByThen() {
    LuaBucket bucket = new LuaBucket().limited(LIMIT);
    AdmitReply back = bucket.take(START + 7 * SECOND, 0, new Debit(0, START));
    assertThat(back.remaining()).as("10 less the 7 that all nodes may have given").isEqualTo(3);
    assertThat(new LuaBucket().limited(LIMIT).take(START + 60 * SECOND, 1, new Debit(0, START)))
        .extracting(AdmitReply::status)
        .isEqualTo(Status.LIMITED);
  }

  @Test
  void aLaterNodeOwesWhatItGave() {
    LuaBucket bucket = new LuaBucket().limited(LIMIT);
    bucket.take(START, 1);
    AdmitReply back = bucket.take(START + SECOND, 0, new Debit(4, START - SECOND));
    assertThat(back.remaining()).isEqualTo(6);
    assertThat(back.bucketSeen()).isTrue();
  }

  @Test
  void debtIsBoundedByTheBurst() {
    LuaBucket bucket = new LuaBucket().limited(LIMIT);
    bucket.take(START, 1);
    AdmitReply back = bucket.take(START, 1, new Debit(1_000, START - SECOND));
    assertThat(back.status()).isEqualTo(Status.LIMITED);
    assertThat(back.waitMillis()).isEqualTo(11_000);
    assertThat(back.fullInMillis()).isEqualTo(20_000);
    assertThat(bucket.units()).isEqualTo(-10 * TOKEN);
    assertThat(bucket.bucketTtlMillis()).isBetween(20_200L, 21_000L);
    assertThat(bucket.take(START + 11 * SECOND, 1).isAdmitted()).isTrue();
  }

  /** One node: its own ledger is whole, so the limit holds through any number of outages. */
  @Test
  void aLoneNodeKeepsTheLimitThroughOutages() {
    for (int seed = 0; seed < 20; seed++) {
      assertThat(worstBurst(1, new Random(seed))).isLessThanOrEqualTo(LIMIT.burst() * TOKEN);
    }
  }

  /** Three nodes that find Redis gone and back at the same moments, and ask at any time. */
  @Test
  void threeNodesKeepTheLimitThroughOutages() {
    for (int seed = 0; seed < 20; seed++) {
      assertThat(worstBurst(3, new Random(seed))).isLessThanOrEqualTo(LIMIT.burst() * TOKEN);
    }
  }

  private static long worstBurst(int nodes, Random random) {
    LuaBucket bucket = new LuaBucket().limited(LIMIT);
    AtomicLong clock = new AtomicLong(START);
    List<LocalBuckets> local = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      local.add(new LocalBuckets(10, () -> clock.get() * 1_000));
    }
    Worst worst = new Worst();
    for (int outage = 0; outage < 30; outage++) {
      for (int i = 0; i < 3; i++) {
        clock.addAndGet(random.nextLong(5 * SECOND));
        for (int most = random.nextInt(12); most > 0; most--) {
          worst.admit(clock.get(), bucket.take(clock.get(), 1).granted());
        }
      }
      long known = bucket.take(clock.get(), 0).remaining();
      long since = clock.get();
      Share share = new Share(nodes, nodes == 1 ? known : 0, since * 1_000);
      for (int i = random.nextInt(4); i > 0; i--) {
        clock.addAndGet(random.nextLong(8 * SECOND));
        for (LocalBuckets node : local) {
          for (int most = random.nextInt(12); most > 0; most--) {
            Decision decision = node.take("a", LIMIT, 1, () -> share);
            worst.admit(clock.get(), decision.outcome() == Decision.Outcome.ADMITTED ? 1 : 0);
          }
        }
      }
      // Redis is back, and every node settles before anyone asks for more.
      for (LocalBuckets node : local) {
        bucket.take(clock.get(), 0, new Debit(node.takeSpent("a"), since));
      }
    }
    return worst.units;
  }

  /** The most that any interval admitted above what the rate brought in it. */
  private static final class Worst {
    private long admitted;
    private long lowest = Long.MAX_VALUE;
    private long units;

    void admit(long now, long count) {
      long refilled = (now - START) * LIMIT.ratePerMinute();
      for (long i = 0; i < count; i++) {
        lowest = Math.min(lowest, admitted * TOKEN - refilled);
        admitted++;
        units = Math.max(units, admitted * TOKEN - refilled - lowest);
      }
    }
  }
}
