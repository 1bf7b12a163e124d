package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.ratelimit.LocalBuckets;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseRenewalsTest {
  private static final long MILLI = 1_000_000;
  private static final Limit HIGH = new Limit(6_000_000, 100_000);

  private long now = 1_000 * MILLI;
  private final List<Runnable> timers = new ArrayList<>();
  private final List<Long> delays = new ArrayList<>();
  private final AskedBuckets asked = new AskedBuckets();
  private final KeyCache cache = new KeyCache(1_000, new LastUse(1_000));
  private final OutageTier outage =
      new OutageTier(
          hash -> Future.failedFuture("nobody is asked"),
          new LocalBuckets(10, () -> now),
          () -> 1,
          () -> now,
          tier -> {});
  private final LeaseRenewals renewals =
      new LeaseRenewals(
          asked,
          cache,
          new LeasePolicy(() -> 1, 1),
          outage,
          () -> now,
          (delay, action) -> {
            delays.add(delay);
            timers.add(action);
          });

  @Test
  void longLeasesWaitForOneAnotherAndAreAskedForTogether() {
    for (int i = 0; i < 5; i++) {
      renewals.add(leased(i, 1_600 * MILLI));
      now += 2 * MILLI;
    }
    assertThat(asked.asks).isEmpty();
    assertThat(delays).containsExactly(50L);

    now += 40 * MILLI;
    timers.getFirst().run();

    assertThat(asked.asks).hasSize(5);
  }

  @Test
  void aLeaseThatEndsSoonDoesNotWait() {
    renewals.add(leased(1, 1_600 * MILLI));
    renewals.add(leased(2, 30 * MILLI));

    assertThat(asked.asks).as("and takes the others with it").hasSize(2);
  }

  @Test
  void theMostUrgentOneSaysWhenAllAreAskedFor() {
    renewals.add(leased(1, 1_600 * MILLI));
    renewals.add(leased(2, 320 * MILLI));
    renewals.add(leased(3, 1_600 * MILLI));
    assertThat(delays).containsExactly(50L, 10L);

    timers.get(1).run();
    assertThat(asked.asks).hasSize(3);
    timers.get(0).run();
    assertThat(asked.asks).hasSize(3);
  }

  @Test
  void noMoreThanABoundWait() {
    for (int i = 0; i < LeaseRenewals.GATHERED_MAX; i++) {
      renewals.add(leased(i, 1_600 * MILLI));
    }

    assertThat(asked.asks).hasSize(LeaseRenewals.GATHERED_MAX);
  }

  @Test
  void aKeyDroppedMeanwhileIsNotAskedFor() {
    CachedKey held = leased(1, 1_600 * MILLI);
    renewals.add(held);
    cache.drop(held.record().hash());

    renewals.flush();

    assertThat(asked.asks).isEmpty();
  }

  @Test
  void aKeyDroppedWhileRedisIsAskedTakesNoTokensIn() {
    CachedKey held = leased(1, 1_600 * MILLI);
    renewals.add(held);
    renewals.flush();
    cache.drop(held.record().hash());

    asked.answers.getFirst().complete(granted(50));

    assertThat(held.isRenewing()).isFalse();
    assertThat(held.take(100, now)).isTrue();
    assertThat(held.take(1, now)).isFalse();
  }

  @Test
  void whatIsGrantedIsSpentAfterWhatIsLeft() {
    CachedKey held = leased(1, 1_600 * MILLI);
    renewals.add(held);
    assertThat(held.isRenewing()).isTrue();
    renewals.flush();

    asked.answers.getFirst().complete(granted(50));

    assertThat(held.isRenewing()).isFalse();
    assertThat(held.take(100, now)).isTrue();
    assertThat(held.take(50, now)).isTrue();
    assertThat(held.take(1, now)).isFalse();
  }

  @Test
  void whatTheAnswerSaysIsLeftIsWhatALoneNodeGoesOnFrom() {
    CachedKey held = leased(1, 1_600 * MILLI);
    renewals.add(held);
    renewals.flush();

    asked.answers.getFirst().complete(granted(50));

    Admission during = outage.decide(held.record(), new Ask(ScopeSet.NONE, 1, () -> ""), asked);
    assertThat(((Admission.Decided) during).decision().remaining()).as("of ten").isEqualTo(9);
  }

  /** A key with 100 tokens leased for that long, used before at 100 tokens a second. */
  private CachedKey leased(int number, long leaseNanos) {
    KeyRecord record = KeyRecords.active(new KeyHash(number, 2, 3, 4), HIGH);
    CachedKey held = cache.install(record, cache.generation(record.hash()), 0);
    held.demandPerSecond(now - 1_000 * MILLI);
    held.demanded(100);
    held.lease(100, now, now + leaseNanos);
    return held;
  }

  private static AdmitReply granted(int tokens) {
    return new AdmitReply(AdmitReply.Status.ADMITTED, 1, 10, 0, tokens, 1_500, 0, null, 0, 0, true);
  }
}
