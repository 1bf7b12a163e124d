package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.AdmitAsk;
import ai.molecule.edge.ratelimit.AdmitAsk.Lease;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.BucketStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Leases more tokens for keys that still have some; no request waits for it. Renewals that may wait
 * a little are gathered and asked for together, in one write to Redis: a thousand keys used a few
 * times a second each would otherwise cost a wake-up of both sides each. One an event loop, used on
 * that loop only.
 */
public final class LeaseRenewals {
  /** The part of a lease's time that its renewal may wait for others. */
  static final int PATIENCE_PART = 32;

  /** Renewals that wait at most; with one more, all are asked for. */
  static final int GATHERED_MAX = 64;

  private static final long MILLI_NANOS = 1_000_000;

  private final BucketStore buckets;
  private final KeyCache cache;
  private final LeasePolicy leases;
  private final OutageTier outage;
  private final LongSupplier nanoClock;
  private final Timer timer;

  private List<CachedKey> gathered = new ArrayList<>();
  private long dueNanos;
  private boolean armed;

  /** Runs something later, on the event loop that asks for it. */
  @FunctionalInterface
  public interface Timer {
    /** Runs {@code action} in {@code delayMillis}, at least 1. */
    void after(long delayMillis, Runnable action);
  }

  /**
   * The renewals of one event loop.
   *
   * @param buckets Redis, over this loop's connection
   * @param cache this loop's keys
   * @param outage is told what Redis says
   */
  public LeaseRenewals(
      BucketStore buckets,
      KeyCache cache,
      LeasePolicy leases,
      OutageTier outage,
      LongSupplier nanoClock,
      Timer timer) {
    this.buckets = buckets;
    this.cache = cache;
    this.leases = leases;
    this.outage = outage;
    this.nanoClock = nanoClock;
    this.timer = timer;
  }

  /** A key's lease is to be renewed, soon enough for it. */
  void add(CachedKey held) {
    held.renewing(true);
    gathered.add(held);
    long now = nanoClock.getAsLong();
    long patience = held.leaseNanos() / PATIENCE_PART;
    if (patience < MILLI_NANOS || gathered.size() >= GATHERED_MAX) {
      flush();
      return;
    }
    if (!armed || now + patience - dueNanos < -MILLI_NANOS) {
      armed = true;
      dueNanos = now + patience;
      timer.after(patience / MILLI_NANOS, this::due);
    }
  }

  /** The timer of a lease that could wait longer comes to nothing after that of a shorter one. */
  private void due() {
    armed = false;
    flush();
  }

  /** Asks for everything gathered, now. */
  void flush() {
    if (gathered.isEmpty()) {
      return;
    }
    List<CachedKey> asked = gathered;
    gathered = new ArrayList<>();
    for (CachedKey held : asked) {
      renew(held);
    }
  }

  /** A failure is no loss: the request that finds no token asks for itself. */
  private void renew(CachedKey held) {
    KeyRecord key = held.record();
    long sentNanos = nanoClock.getAsLong();
    Lease lease =
        cache.get(key.hash()) == held
            ? leases.lease(key.limit(), held.demandPerSecond(sentNanos))
            : Lease.NONE;
    if (lease.tokens() == 0) {
      held.renewing(false);
      return;
    }
    int generation = cache.generation(key.hash());
    AdmitAsk asked =
        AdmitAsk.leasing(
            KeyPlaces.besideBucket(key.hash(), key.root()),
            KeyPlaces.bucket(key.root()),
            key.version(),
            lease);
    buckets
        .admit(asked)
        .onComplete(
            done -> {
              held.renewing(false);
              AdmitReply reply = done.result();
              if (reply == null) {
                return;
              }
              outage.sawReply(key.root(), buckets.server(asked.bucketKey()), reply);
              if (!reply.isAdmitted()
                  || reply.version() != key.version()
                  || cache.generation(key.hash()) != generation) {
                return;
              }
              held.sawShared(reply.remaining());
              held.lease(reply.granted(), sentNanos, reply.leaseEndNanos(sentNanos));
            });
  }
}
