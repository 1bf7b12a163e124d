package ai.molecule.edge.credential;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Remembers for a moment that a well-formed credential belongs to no key, so that guessing costs no
 * store call each time. Separate from the records and bounded: the oldest absence makes room. Safe
 * on any thread. A key can never be wrongly absent for long: nobody can present a key before it was
 * minted.
 */
public final class AbsenceCache {
  private final int entriesMax;
  private final long ttlNanos;
  private final LongSupplier nanoClock;
  private final Map<KeyHash, Long> endsNanos = new LinkedHashMap<>();

  /**
   * An empty cache.
   *
   * @param entriesMax absences remembered at most
   * @param ttlNanos how long each is believed
   * @param nanoClock {@link System#nanoTime}, or a test's
   */
  public AbsenceCache(int entriesMax, long ttlNanos, LongSupplier nanoClock) {
    this.entriesMax = entriesMax;
    this.ttlNanos = ttlNanos;
    this.nanoClock = nanoClock;
  }

  /** Whether {@code hash} was found absent a moment ago. */
  public synchronized boolean isAbsent(KeyHash hash) {
    Long ends = endsNanos.get(hash);
    if (ends == null) {
      return false;
    }
    if (nanoClock.getAsLong() - ends < 0) {
      return true;
    }
    endsNanos.remove(hash);
    return false;
  }

  /** Remembers that {@code hash} belongs to no key. */
  public synchronized void remember(KeyHash hash) {
    endsNanos.remove(hash);
    if (endsNanos.size() >= entriesMax) {
      var oldest = endsNanos.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    endsNanos.put(hash, nanoClock.getAsLong() + ttlNanos);
  }

  /** Forgets {@code hash}: the key has just been created. */
  public synchronized void forget(KeyHash hash) {
    endsNanos.remove(hash);
  }

  synchronized int size() {
    return endsNanos.size();
  }
}
