package ai.molecule.edge.credential;

import ai.molecule.edge.credential.Admission.Verdict;
import io.vertx.core.Future;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tier T0: a warm key is checked, authorized and metered with no network call, from this event
 * loop's cache, as long as the node holds its session. Leases are renewed in the background before
 * they end. Everything else goes on to the next tier. One an event loop.
 */
public final class LeasedTier implements AdmissionTier {
  private final KeyCache cache;
  private final AdmissionTier next;
  private final LongPredicate sessionValid;
  private final LongSupplier nanoClock;
  private final TierMeter meter;

  /**
   * Decorates {@code next}.
   *
   * @param sessionValid whether cached entries may admit at a given {@link System#nanoTime}
   */
  public LeasedTier(
      KeyCache cache,
      AdmissionTier next,
      LongPredicate sessionValid,
      LongSupplier nanoClock,
      TierMeter meter) {
    this.cache = cache;
    this.next = next;
    this.sessionValid = sessionValid;
    this.nanoClock = nanoClock;
    this.meter = meter;
  }

  @Override
  public @Nullable Admission admitNow(KeyHash hash, Ask ask) {
    CachedKey entry = cache.get(hash);
    if (entry == null) {
      return next.admitNow(hash, ask);
    }
    long now = nanoClock.getAsLong();
    if (!sessionValid.test(now) || !entry.isCurrent(now)) {
      return null;
    }
    KeyRecord key = entry.record();
    Verdict refusal = entry.refusal(ask);
    if (refusal != null) {
      meter.decidedBy(TierMeter.Tier.LEASED);
      return new Admission.Refused(key, refusal, entry.peeked());
    }
    if (entry.take(ask.cost(), now)) {
      entry.demanded(ask.cost());
      if (entry.wantsRenewal(now)) {
        next.renew(hash);
      }
      meter.decidedBy(TierMeter.Tier.LEASED);
      return new Admission.Decided(key, entry.admitted(), entry);
    }
    if (entry.isDenied(ask.cost(), now)) {
      meter.decidedBy(TierMeter.Tier.LEASED);
      return new Admission.Decided(key, entry.limited(now), entry);
    }
    return null;
  }

  @Override
  public Future<Admission> admitByStores(KeyHash hash, Ask ask) {
    return next.admitByStores(hash, ask);
  }

  /** What a request cost more is paid out of the lease at hand, if that has as much. */
  @Override
  public void settle(KeyRecord key, long difference, long admittedNanos) {
    CachedKey entry = cache.get(key.hash());
    boolean paid =
        entry != null
            && difference > 0
            && difference <= key.limit().burst()
            && entry.take((int) difference, nanoClock.getAsLong());
    if (!paid) {
      next.settle(key, difference, admittedNanos);
    }
  }
}
