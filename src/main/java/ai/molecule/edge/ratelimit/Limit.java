package ai.molecule.edge.ratelimit;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket's size and speed.
 *
 * @param ratePerMinute tokens that come back in a minute, 1 to {@value #RATE_PER_MINUTE_MAX}
 * @param burst tokens the bucket holds when full, 1 to {@value #BURST_MAX}
 */
public record Limit(int ratePerMinute, int burst) {
  /** The highest rate a key can have, in requests a minute. */
  public static final int RATE_PER_MINUTE_MAX = 60_000_000;

  /** The largest bucket a key can have, in requests. */
  public static final int BURST_MAX = 1_000_000;

  /** A smaller bucket is never leased from: the same as in admit.lua. */
  public static final int LEASED_BURST_MIN = 128;

  private static final AtomicReferenceArray<@Nullable Limit> SHARED =
      new AtomicReferenceArray<>(512);

  public Limit {
    if (ratePerMinute < 1 || ratePerMinute > RATE_PER_MINUTE_MAX) {
      throw new IllegalArgumentException("ratePerMinute out of bounds: " + ratePerMinute);
    }
    if (burst < 1 || burst > BURST_MAX) {
      throw new IllegalArgumentException("burst out of bounds: " + burst);
    }
  }

  /**
   * A limit equal to this one, mostly the same object for all who ask: what many keys have in
   * common is looked at in one place in memory. Safe on any thread.
   */
  public Limit shared() {
    int slot = (ratePerMinute * 31 + burst) & (SHARED.length() - 1);
    Limit known = SHARED.get(slot);
    if (equals(known)) {
      return known;
    }
    SHARED.set(slot, this);
    return this;
  }

  /** Seconds in which an empty bucket becomes full, rounded up: {@code w} of RateLimit-Policy. */
  public long fullSeconds() {
    return (burst * 60L + ratePerMinute - 1) / ratePerMinute;
  }

  /** Whether nothing this limit admits would be refused by {@code other}. */
  public boolean isWithin(Limit other) {
    return ratePerMinute <= other.ratePerMinute && burst <= other.burst;
  }
}
