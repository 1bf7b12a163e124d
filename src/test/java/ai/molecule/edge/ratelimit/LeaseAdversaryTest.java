package ai.molecule.edge.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Several nodes take leases and spend them as late as they may, against the production script: in
 * no interval more is admitted than the burst and what the rate brings (design, section 4).
 */
class LeaseAdversaryTest {
  private static final Limit LIMIT = new Limit(60_000, 100);
  private static final int NODES = 4;
  private static final int WANT_MAX = 50;
  private static final long TOKEN = 60_000_000;
  private static final long RUN_MICROS = 4_000_000;
  private static final int SEEDS = 8;

  @Test
  void leasesSpentAtTheirVeryEndNeverExceedTheBurst() {
    double worst = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      worst = Math.max(worst, new Run(LuaBucket.ADMIT, seed).worstBurst());
    }
    assertThat(worst).isLessThanOrEqualTo(LIMIT.burst()).isGreaterThan(LIMIT.burst() * 0.99);
  }

  @Test
  void aRefillInOneLumpWouldExceedIt() {
    String lump =
        LuaBucket.ADMIT.replace("for boundary = first, first + 1 do", "for boundary = 1, 0 do");
    assertThat(lump).isNotEqualTo(LuaBucket.ADMIT);
    double worst = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      worst = Math.max(worst, new Run(lump, seed).worstBurst());
    }
    assertThat(worst).isGreaterThan(LIMIT.burst() * 1.2);
  }

  /** One adversary's run, and the worst burst it got. */
  private static final class Run {
    private final Random random;
    private final LuaBucket bucket;
    private final long[] held = new long[NODES];
    private final long[] heldUntil = new long[NODES];
    private final long start = LuaBucket.EPOCH_START_MICROS + 60_000_000;
    private long now = start;
    private long admitted;
    private long lowest = Long.MAX_VALUE;
    private long worst;

    Run(String script, int seed) {
      random = new Random(seed);
      bucket = new LuaBucket(script).limited(LIMIT);
    }

    double worstBurst() {
      while (now - start < RUN_MICROS) {
        switch (random.nextInt(4)) {
          case 0 -> now += random.nextLong(300_000);
          case 1 -> spendLate();
          case 2 -> ask(500);
          default -> ask(20_000);
        }
      }
      return worst / (double) TOKEN;
    }

    private void spendLate() {
      long late = now;
      for (int node = 0; node < NODES; node++) {
        lease(node);
        late = Math.max(late, held[node] > 0 ? heldUntil[node] - 1 : 0);
      }
      now = late;
      for (int node = 0; node < NODES; node++) {
        if (now < heldUntil[node]) {
          admit(held[node]);
        }
        held[node] = 0;
      }
      now += random.nextLong(2_000);
      while (bucket.take(now, 1, 1).isAdmitted()) {
        admit(1);
      }
    }

    private void ask(long gapMaxMicros) {
      long end = now + 10_000 + random.nextLong(190_000);
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
      LuaBucket.Answer answer = bucket.take(now, 1, 1 + random.nextInt(WANT_MAX));
      held[node] = Math.max(0, answer.granted() - 1);
      // Not the rounded lease: a token may be spent up to the very end of the next slot.
      heldUntil[node] = (now / 50_000 + 2) * 50_000;
      admit(answer.granted() > 0 ? 1 : 0);
    }

    /** Counts requests admitted now, and looks for the interval ending here that is worst. */
    private void admit(long count) {
      long refilled = (now - start) * LIMIT.ratePerMinute();
      for (long i = 0; i < count; i++) {
        lowest = Math.min(lowest, admitted * TOKEN - refilled);
        admitted++;
        worst = Math.max(worst, admitted * TOKEN - refilled - lowest);
      }
    }
  }
}
