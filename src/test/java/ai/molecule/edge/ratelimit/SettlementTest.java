package ai.molecule.edge.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A request that turns out to cost other than was taken for it. The bucket never holds more than
 * one from which the true cost was taken at once, so the limit holds for true costs.
 */
class SettlementTest {
  private static final long START = LuaBucket.EPOCH_START_MICROS + 10_000_000_000L;

  private static final long TOKEN = 60_000_000;

  private record Open(long takenMicros, int taken, int trueCost) {}

  private static void settle(LuaBucket bucket, long now, long since, long debit) {
    bucket.take(now, 0, new Debit(debit, debit < 0 ? since : 0));
  }

  private static long left(LuaBucket bucket, long now) {
    return bucket.take(now, 0).remaining();
  }

  /** What the bucket holds, debts included; a settlement of nothing writes it down. */
  private static long units(LuaBucket bucket, long now) {
    bucket.take(now, 0, new Debit(0, 1));
    return bucket.units();
  }

  @Test
  void whatWasTakenTooMuchComesBackButForTheRefillSince() {
    LuaBucket bucket = new LuaBucket().limited(new Limit(60, 100));
    bucket.take(START, 50);
    settle(bucket, START + 3_000_000, START, -40);
    // 100 - 50 + 3 refilled + (40 - 3 of the refill)
    assertThat(left(bucket, START + 3_000_000)).isEqualTo(90);
  }

  @Test
  void nothingComesBackOnceTheBucketHasRefilledAsMuch() {
    LuaBucket bucket = new LuaBucket().limited(new Limit(60, 100));
    bucket.take(START, 50);
    settle(bucket, START + 40_000_000, START, -40);
    assertThat(left(bucket, START + 40_000_000)).isEqualTo(90);
  }

  @Test
  void neverMoreThanTheBurst() {
    LuaBucket bucket = new LuaBucket().limited(new Limit(60, 100));
    bucket.take(START, 1);
    settle(bucket, START, START, -100);
    assertThat(left(bucket, START)).isEqualTo(100);
  }

  @Test
  void whatWasTakenTooLittleIsOwedDownToOneBurst() {
    LuaBucket bucket = new LuaBucket().limited(new Limit(60, 100));
    bucket.take(START, 1);
    settle(bucket, START, START, 100);
    settle(bucket, START, START, 100);
    settle(bucket, START, START, 100);
    assertThat(bucket.units()).isEqualTo(-100 * TOKEN);
    assertThat(bucket.take(START + 100_000_000, 1).isAdmitted()).isFalse();
    assertThat(bucket.take(START + 101_000_000, 1).isAdmitted()).isTrue();
  }

  /** Two buckets side by side: one settles later, the other takes the true cost at once. */
  @Test
  void neverMoreThanIfTheTrueCostHadBeenTakenAtOnce() {
    Random random = new Random(11);
    for (int round = 0; round < 60; round++) {
      Limit limit = new Limit(1 + random.nextInt(6_000), 1 + random.nextInt(120));
      LuaBucket settles = new LuaBucket().limited(limit);
      LuaBucket knows = new LuaBucket().limited(limit);
      List<Open> open = new ArrayList<>();
      long now = START;
      for (int step = 0; step < 60; step++) {
        now += random.nextInt(2_000_000);
        if (random.nextBoolean() || open.isEmpty()) {
          int cost = 1 + random.nextInt(limit.burst());
          int trueCost = random.nextInt(2 * limit.burst());
          if (settles.take(now, cost).isAdmitted()) {
            // The true cost at once, whether it is there or not.
            settle(knows, now, now, Math.clamp(trueCost, 0, cost + (long) limit.burst()));
            open.add(new Open(now, cost, trueCost));
          }
        } else {
          Open one = open.remove(random.nextInt(open.size()));
          long difference =
              Math.clamp(one.trueCost() - (long) one.taken(), -limit.burst(), limit.burst());
          settle(settles, now, one.takenMicros(), difference);
        }
        long owed = open.stream().mapToLong(o -> Math.max(0, o.trueCost() - o.taken())).sum();
        assertThat(left(settles, now) - owed)
            .as("%s, step %d of round %d", limit, step, round)
            .isLessThanOrEqualTo(left(knows, now));
      }
    }
  }

  /** The same where requests are let in out of leases: the bucket has counted those as taken. */
  @Test
  void neverMoreThanIfTheTrueCostHadBeenTakenAtOnceThoughTokensAreLeased() {
    Random random = new Random(12);
    int spent = 0;
    for (int round = 0; round < 60; round++) {
      Limit limit = new Limit(60 + random.nextInt(60_000), 128 + random.nextInt(2_000));
      LuaBucket settles = new LuaBucket().limited(limit);
      LuaBucket knows = new LuaBucket().limited(limit);
      List<Open> open = new ArrayList<>();
      long now = START;
      long held = 0;
      long heldUntil = START;
      for (int step = 0; step < 80; step++) {
        now += random.nextInt(random.nextInt(8) == 0 ? 8_000_000 : 400_000);
        held = now < heldUntil ? held : 0;
        int choice = random.nextInt(3);
        if (choice == 0 && held > 0) {
          int cost = 1 + random.nextInt((int) held);
          int trueCost = random.nextInt(cost + 10);
          held -= cost;
          settle(knows, now, now, trueCost);
          open.add(new Open(now, cost, trueCost));
          spent++;
        } else if (choice == 1 && !open.isEmpty()) {
          Open one = open.remove(random.nextInt(open.size()));
          settle(settles, now, one.takenMicros(), one.trueCost() - one.taken());
        } else {
          int cost = 1 + random.nextInt(limit.burst());
          int want = held > 0 ? cost : cost + random.nextInt(limit.burst());
          AdmitReply reply = settles.take(now, cost, want, 50_000 + random.nextInt(4_950_000));
          settle(knows, now, now, reply.isAdmitted() ? cost : 0);
          if (reply.granted() > cost) {
            held = reply.granted() - cost;
            heldUntil = now + reply.leaseMillis() * 1_000;
          }
        }
        long owed = open.stream().mapToLong(o -> Math.max(0, o.trueCost() - o.taken())).sum();
        assertThat(units(settles, now) + (held - owed) * TOKEN)
            .as("%s, step %d of round %d", limit, step, round)
            .isLessThanOrEqualTo(units(knows, now));
      }
    }
    assertThat(spent).isGreaterThan(500);
  }
}
