package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.AdmitReply.Status;
import ai.molecule.edge.ratelimit.Limit;
import org.junit.jupiter.api.Test;

/** What the shared bucket is told of a request that cost other than was taken for it. */
final class CostSettlementTest {
  private static final long SECOND_NANOS = 1_000_000_000;
  private static final long HEARD_MICROS = 5_000_000;
  private static final int BURST = 100;

  private final AskedBuckets buckets = new AskedBuckets();
  private final KeyCache cache = new KeyCache(10, new LastUse(10));
  private final KeyRecord key = KeyRecords.active(new KeyHash(1, 2, 3, 4), new Limit(60, BURST));
  private long now = Long.MAX_VALUE - 7; // nanoTime may wrap at any moment
  private final CostSettlement costs = new CostSettlement(buckets, cache, () -> now);

  /** The server that decides about every bucket here answers now. */
  private void hear() {
    costs.heard("", HEARD_MICROS);
  }

  private Debit told() {
    assertThat(buckets.asks).hasSize(1);
    assertThat(buckets.asks.getFirst().cost()).isZero();
    assertThat(buckets.asks.getFirst().lease().tokens()).isZero();
    return buckets.asks.getFirst().debit();
  }

  @Test
  void whatItCostLessComesBackWithTheTimeAtWhichItWasTakenByTheServersClock() {
    long admitted = now;
    now += SECOND_NANOS / 4;
    hear();
    now += 10 * SECOND_NANOS;
    costs.settle(key, -40, admitted);
    assertThat(told()).isEqualTo(new Debit(-40, HEARD_MICROS - 250_000));
  }

  @Test
  void whatItCostMoreIsChargedWhenever() {
    hear();
    costs.settle(key, 40, now);
    assertThat(told()).isEqualTo(new Debit(40, 0));
  }

  @Test
  void noMoreThanABurstIsSettledEitherWay() {
    hear();
    costs.settle(key, 1_000_000_000, now);
    costs.settle(key, -1_000_000_000, now);
    assertThat(buckets.asks)
        .extracting(ask -> ask.debit().tokens())
        .containsExactly((long) BURST, (long) -BURST);
  }

  @Test
  void whatWasTakenBeforeTheServersFirstMomentWasTakenInIt() {
    hear();
    costs.settle(key, -1, now - 3_600 * SECOND_NANOS);
    assertThat(told()).isEqualTo(new Debit(-1, 1));
  }

  @Test
  void nothingIsSettledWithAServerThatHasNotAnsweredYet() {
    costs.heard("another", HEARD_MICROS);
    costs.settle(key, -40, now);
    assertThat(buckets.asks).isEmpty();
  }

  @Test
  void whatIsLeftAfterwardsIsKnownToTheKeyThatIsHeld() {
    CachedKey held = cache.install(key, cache.generation(key.hash()), 0);
    hear();
    costs.settle(key, -40, now);
    buckets
        .answers
        .getFirst()
        .complete(new AdmitReply(Status.PEEKED, 1, 73, 0, 0, 0, 0, null, 0, HEARD_MICROS, true));
    assertThat(held.peeked().remaining()).isEqualTo(73);
  }
}
