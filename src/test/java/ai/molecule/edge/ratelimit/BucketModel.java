package ai.molecule.edge.ratelimit;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * The bucket as the design tells it, in another way than the script: leases are a list of counts
 * with their ends, and time is walked from one end to the next. Units are 1/60 000 000 token, of
 * any size.
 */
final class BucketModel {
  private static final BigInteger TOKEN = BigInteger.valueOf(60_000_000);

  private final List<Lease> leases = new ArrayList<>();
  private Limit limit;
  private BigInteger units;
  private long atMicros;

  private record Lease(long tokens, long endMicros) {}

  /** What a call gave: 0 granted means refused. */
  record Grant(long granted, long remaining) {}

  private BucketModel(Limit limit, BigInteger units, long atMicros) {
    this.limit = limit;
    this.units = units;
    this.atMicros = atMicros;
  }

  /**
   * A bucket of a memory that began at {@code startMicros}: empty 100 ms later if it is never
   * leased from; else two seconds later, with half the burst out in leases until ten.
   */
  static BucketModel afterRestart(Limit limit, long startMicros) {
    if (limit.burst() < 128) {
      return new BucketModel(limit, BigInteger.ZERO, startMicros + 100_000);
    }
    BucketModel model = new BucketModel(limit, BigInteger.ZERO, startMicros + 2_000_000);
    model.leases.add(new Lease(limit.burst() / 2, startMicros + 10_000_000));
    return model;
  }

  void limit(Limit changed) {
    limit = changed;
    units = units.min(most().max(BigInteger.ZERO));
  }

  /** A call that takes nothing leaves no trace, so a clock that goes back finds the older state. */
  Grant take(long clockMicros, long cost, long want, long slotMicros) {
    BucketModel before = new BucketModel(limit, units, atMicros);
    before.leases.addAll(leases);
    Grant grant = takeNow(Math.max(clockMicros, atMicros), cost, want, slotMicros);
    if (grant.granted == 0) {
      units = before.units;
      atMicros = before.atMicros;
      leases.clear();
      leases.addAll(before.leases);
    }
    return grant;
  }

  private Grant takeNow(long now, long cost, long want, long slotMicros) {
    walkTo(now);
    long whole = Math.max(0, units.divide(TOKEN).longValueExact());
    long outstanding = leases.stream().mapToLong(Lease::tokens).sum();
    long room = limit.burst() < 128 ? 0 : limit.burst() / 2 - outstanding;
    long leased = Math.max(0, Math.min(want - cost, room));
    if (whole < cost) {
      return new Grant(0, whole);
    }
    long granted = Math.min(cost + leased, whole);
    units = units.subtract(TOKEN.multiply(BigInteger.valueOf(granted)));
    if (granted > cost) {
      lease(granted - cost, (now / slotMicros + 2) * slotMicros);
    }
    return new Grant(granted, whole - granted);
  }

  /** No more than two ends are told apart; what would need a third is kept longer. */
  private void lease(long tokens, long end) {
    long last = leases.stream().mapToLong(Lease::endMicros).max().orElse(0);
    if (end <= last) {
      leases.add(new Lease(tokens, last));
      return;
    }
    if (leases.stream().mapToLong(Lease::endMicros).distinct().count() > 1) {
      leases.replaceAll(lease -> new Lease(lease.tokens, last));
    }
    leases.add(new Lease(tokens, end));
  }

  BigInteger units() {
    return units;
  }

  private void walkTo(long now) {
    while (true) {
      long next =
          leases.stream().mapToLong(Lease::endMicros).filter(e -> e <= now).min().orElse(now);
      refillTo(next);
      leases.removeIf(lease -> lease.endMicros <= next);
      if (next == now) {
        return;
      }
    }
  }

  private void refillTo(long micros) {
    BigInteger gained =
        BigInteger.valueOf(micros - atMicros).multiply(BigInteger.valueOf(limit.ratePerMinute()));
    if (units.compareTo(most()) < 0) {
      units = units.add(gained).min(most());
    }
    atMicros = micros;
  }

  private BigInteger most() {
    long leased = leases.stream().mapToLong(Lease::tokens).sum();
    return TOKEN.multiply(BigInteger.valueOf(limit.burst() - leased));
  }
}
