package ai.molecule.edge.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Several nodes take leases and spend them as late as they may, against the production script: in
 * no interval more is admitted than the burst and what the rate brings (design, section 4).
 */
class LeaseAdversaryTest {
  /** Buckets that fill in a tenth of a second, in a second, in ten. */
  private static final List<Limit> LIMITS =
      List.of(new Limit(96_000, 160), new Limit(9_600, 160), new Limit(960, 160));

  /** Those that refill enough within a lease for a wrong refill to show. */
  private static final List<Limit> FAST = LIMITS.subList(0, 2);

  /** Those that are full again before leases from before a restart have ended. */
  private static final List<Limit> RESTARTED =
      List.of(new Limit(9_600, 160), new Limit(3_200, 160));

  private static final int NODES = 4;
  private static final int WANT_MAX = 50;
  private static final long TOKEN = 60_000_000;
  private static final int SLOTS = 80;
  private static final int SEEDS = 4;

  @Test
  void leasesSpentAtTheirVeryEndNeverExceedTheBurst() {
    for (Limit limit : LIMITS) {
      assertThat(worstBurst(LuaBucket.ADMIT, limit))
          .as("%s", limit)
          .isLessThanOrEqualTo(limit.burst())
          .isGreaterThan(limit.burst() * 0.99);
    }
  }

  @Test
  void aRefillInOneLumpWouldExceedIt() {
    String lump =
        LuaBucket.ADMIT
            .replace(" till = eb\n", " till = t\n")
            .replace("till, a_ends = ea, true", "till, a_ends = t, true");
    assertThat(lump).hasSize(LuaBucket.ADMIT.length() - 2);
    for (Limit limit : FAST) {
      assertThat(worstBurst(lump, limit)).as("%s", limit).isGreaterThan(limit.burst() * 1.05);
    }
  }

  @Test
  void leasesThatWereNotCountedWouldExceedIt() {
    String uncounted =
        LuaBucket.ADMIT.replace("local most = cap - (a + b) * UNITS", "local most = cap");
    for (Limit limit : FAST) {
      assertThat(worstBurst(uncounted, limit)).as("%s", limit).isGreaterThan(limit.burst() * 1.05);
    }
  }

  @Test
  void leasesThatOutliveTheMemoryOfRedisNeverExceedTheBurst() {
    for (Limit limit : RESTARTED) {
      assertThat(worstBurstOverRestarts(LuaBucket.ADMIT, limit))
          .as("%s", limit)
          .isLessThanOrEqualTo(limit.burst());
    }
  }

  @Test
  void aMemoryThatForgotTheLeasesWouldExceedIt() {
    String forgetful = LuaBucket.ADMIT.replace("a, ea = math.floor(burst / 2),", "a, ea = 0,");
    assertThat(forgetful).isNotEqualTo(LuaBucket.ADMIT);
    for (Limit limit : RESTARTED) {
      assertThat(worstBurstOverRestarts(forgetful, limit))
          .as("%s", limit)
          .isGreaterThan(limit.burst() * 1.05);
    }
  }

  private static double worstBurst(String script, Limit limit) {
    double worst = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      worst = Math.max(worst, new Run(script, limit, seed).worstBurst());
    }
    return worst;
  }

  private static double worstBurstOverRestarts(String script, Limit limit) {
    double worst = 0;
    for (int seed = 0; seed < 4 * SEEDS; seed++) {
      worst = Math.max(worst, new Run(script, limit, seed).worstBurstOverARestart());
    }
    return worst;
  }

  /** One adversary's run, and the worst burst it got. */
  private static final class Run {
    private final Random random;
    private final LuaBucket bucket;
    private final long[] held = new long[NODES];
    private final long[] heldUntil = new long[NODES];
    private final Limit limit;
    private final long slotMicros;
    private final long runMicros;
    private final long start = LuaBucket.EPOCH_START_MICROS + 60_000_000;
    private long now = start;
    private long admitted;
    private long lowest = Long.MAX_VALUE;
    private long worst;

    Run(String script, Limit limit, int seed) {
      random = new Random(seed);
      bucket = new LuaBucket(script).limited(limit);
      this.limit = limit;
      slotMicros =
          Math.clamp(limit.burst() * 15_000_000L / limit.ratePerMinute(), 50_000, 5_000_000);
      runMicros = SLOTS * slotMicros;
    }

    double worstBurst() {
      while (now - start < runMicros) {
        switch (random.nextInt(4)) {
          case 0 -> now += random.nextLong(6 * slotMicros);
          case 1 -> spendLate();
          case 2 -> ask(slotMicros / 100);
          default -> ask(slotMicros * 2 / 5);
        }
      }
      return worst / (double) TOKEN;
    }

    /**
     * Redis forgets everything while the nodes hold their leases; they spend them late, when the
     * new bucket has had time to fill.
     */
    double worstBurstOverARestart() {
      now += 2 * slotMicros;
      for (int node = 0; node < NODES; node++) {
        leaseFor(node, 5_000_000);
      }
      now += random.nextLong(500_000);
      bucket.restart(8, now);
      bucket.proclaimEpoch();
      bucket.limited(limit);
      spendHeld(random.nextLong(2_000_000));
      return worst / (double) TOKEN;
    }

    private void spendLate() {
      long late = now;
      for (int node = 0; node < NODES; node++) {
        lease(node);
        late = Math.max(late, held[node] > 0 ? heldUntil[node] - 1 : 0);
      }
      now = late;
      spendAllAndDrain();
    }

    /** All leases at a moment shortly before the first of them ends. */
    private void spendHeld(long beforeEndMicros) {
      long first = Long.MAX_VALUE;
      for (int node = 0; node < NODES; node++) {
        first = held[node] > 0 ? Math.min(first, heldUntil[node]) : first;
      }
      now = Math.max(now, first - 1 - beforeEndMicros);
      spendAllAndDrain();
    }

    private void spendAllAndDrain() {
      for (int node = 0; node < NODES; node++) {
        if (now < heldUntil[node]) {
          admit(held[node]);
        }
        held[node] = 0;
      }
      now += random.nextLong(slotMicros / 25);
      while (bucket.take(now, 1).isAdmitted()) {
        admit(1);
      }
    }

    private void ask(long gapMaxMicros) {
      long end = now + slotMicros / 5 + random.nextLong(4 * slotMicros);
      while (now < end) {
        now += random.nextLong(gapMaxMicros);
        int node = random.nextInt(NODES);
        if (held[node] > 0 && now < heldUntil[node]) {
          held[node]--;
          admit(1);
        } else {
          lease(node);
        }
      }
    }

    private void lease(int node) {
      // Each node chooses its slots by its own demand.
      leaseFor(node, random.nextInt(3) == 0 ? 50_000 : slotMicros);
    }

    private void leaseFor(int node, long slot) {
      AdmitReply answer = bucket.take(now, 1, 1 + random.nextInt(WANT_MAX), slot);
      held[node] = Math.max(0, answer.granted() - 1);
      // Not the rounded lease: a token may be spent up to the very end of the next slot.
      heldUntil[node] = (now / slot + 2) * slot;
      admit(answer.granted() > 0 ? 1 : 0);
    }

    /** Counts requests admitted now, and looks for the interval ending here that is worst. */
    private void admit(long count) {
      long refilled = (now - start) * limit.ratePerMinute();
      for (long i = 0; i < count; i++) {
        lowest = Math.min(lowest, admitted * TOKEN - refilled);
        admitted++;
        worst = Math.max(worst, admitted * TOKEN - refilled - lowest);
      }
    }
  }
}
