package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.AdmitAsk;
import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.BucketStore;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles with the shared bucket what a request cost other than was taken for it. When tokens were
 * taken is told by the clock of the server that decides about their bucket, reckoned from its last
 * answer here: never later than it was. One an event loop, used on that loop only.
 */
final class CostSettlement {
  private static final Logger LOG = LoggerFactory.getLogger(CostSettlement.class);

  private final BucketStore buckets;
  private final KeyCache cache;
  private final LongSupplier nanoClock;
  private final Map<String, ServerClock> clocks = new HashMap<>();

  /** A server's clock as last seen, and when that was here: never ahead of it. */
  private static final class ServerClock {
    private long redisMicros;
    private long seenNanos;
  }

  /**
   * Has heard of no server yet.
   *
   * @param buckets Redis, over this loop's connection
   * @param cache this loop's keys
   */
  CostSettlement(BucketStore buckets, KeyCache cache, LongSupplier nanoClock) {
    this.buckets = buckets;
    this.cache = cache;
    this.nanoClock = nanoClock;
  }

  /** {@code server} has just answered, at {@code redisMicros} by its clock. */
  void heard(String server, long redisMicros) {
    ServerClock clock = clocks.computeIfAbsent(server, first -> new ServerClock());
    clock.redisMicros = redisMicros;
    clock.seenNanos = nanoClock.getAsLong();
  }

  /** See {@link AdmissionTier#settle}. */
  void settle(KeyRecord key, long difference, long admittedNanos) {
    String bucket = KeyPlaces.bucket(key.root());
    ServerClock clock = clocks.get(buckets.server(bucket));
    if (clock == null) {
      // It has not answered here yet: what was taken was no shared token of its.
      return;
    }
    long burst = key.limit().burst();
    long tokens = Math.clamp(difference, -burst, burst);
    long takenMicros = clock.redisMicros - (clock.seenNanos - admittedNanos) / 1_000;
    Debit debit = new Debit(tokens, tokens < 0 ? Math.max(1, takenMicros) : 0);
    String place = KeyPlaces.besideBucket(key.hash(), key.root());
    buckets
        .admit(AdmitAsk.settling(place, bucket, key.version(), debit))
        .onComplete(
            settled -> settled(key, settled),
            lost -> LOG.debug("a settlement was lost: {}", lost.toString()));
  }

  private void settled(KeyRecord key, AdmitReply reply) {
    CachedKey held = cache.get(key.hash());
    if (held != null && reply.bucketSeen()) {
      held.sawShared(reply.remaining());
    }
  }
}
