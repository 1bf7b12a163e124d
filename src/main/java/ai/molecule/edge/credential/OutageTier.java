package ai.molecule.edge.credential;

import ai.molecule.edge.credential.Admission.Verdict;
import ai.molecule.edge.credential.RedisSightings.Sighting;
import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.BucketStore;
import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.ratelimit.Decision.Outcome;
import ai.molecule.edge.ratelimit.Decision.Source;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.ratelimit.LocalBuckets;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides while Redis is away: keys come from the primary, or from a cache that somebody vouches
 * for, and each node gives out its share of a limit. Afterwards what was given out is settled with
 * the shared bucket: the refill of the outage belongs to those who decided meanwhile.
 *
 * <p>Strict where it can be: beside other nodes nothing is given out before Redis has been missed
 * for a second without an answer to any event loop, since a share on top of the shared bucket would
 * exceed the limit; a share begins with what Redis said last when this is the only node, else with
 * nothing, and refills from the moment of that answer, beside others from the end of that second.
 * One for the node, safe on any thread.
 */
public final class OutageTier {
  /** A node beside others that has missed Redis for so long takes it for gone. */
  private static final long CERTAIN_AFTER_NANOS = 1_000_000_000;

  private final KeyLookup primary;
  private final LocalBuckets shares;
  private final IntSupplier nodesAlive;
  private final LongSupplier nanoClock;
  private final TierMeter meter;
  private final RedisSightings sightings;
  private final Map<KeyHash, Long> startMicrosOfDebts = new ConcurrentHashMap<>();

  /**
   * A tier that has not heard from Redis yet.
   *
   * @param primary reads that began after they were asked for; see {@link
   *     SingleFlightLookup.Sharing#NOT_BEGUN}
   * @param shares this node's local buckets
   * @param nodesAlive nodes last known alive, this one included
   */
  public OutageTier(
      KeyLookup primary,
      LocalBuckets shares,
      IntSupplier nodesAlive,
      LongSupplier nanoClock,
      TierMeter meter) {
    this.primary = primary;
    this.shares = shares;
    this.nodesAlive = nodesAlive;
    this.nanoClock = nanoClock;
    this.meter = meter;
    this.sightings = new RedisSightings(nanoClock);
  }

  /**
   * What a node owes a shared bucket after an outage.
   *
   * @param isOpen whether there is anything to settle
   * @param debit tokens given out here meanwhile, since the last answer before the outage when
   *     other nodes gave out their shares as well
   */
  record Settlement(boolean isOpen, Debit debit) {
    static final Settlement NOTHING = new Settlement(false, Debit.NONE);
  }

  /** {@code server} answered a call about a lineage. */
  void sawReply(KeyHash root, String server, AdmitReply reply) {
    if (reply.bucketSeen()) {
      sightings.saw(root, server, reply.remaining(), reply.redisTimeMicros());
    }
  }

  /**
   * Decides about a request whose record nobody here vouches for.
   *
   * @param buckets the calling event loop's, which were missed
   */
  Future<Admission> admit(KeyHash hash, Ask ask, BucketStore buckets) {
    return primary
        .find(hash)
        .map(
            found ->
                switch (found) {
                  case KeyLookup.Result.Absent() -> new Admission.Unknown();
                  case KeyLookup.Result.Found(KeyRecord key) -> decide(key, ask, buckets);
                });
  }

  /**
   * Decides about a request whose record is vouched for.
   *
   * @param buckets the calling event loop's, which were missed
   */
  Admission decide(KeyRecord key, Ask ask, BucketStore buckets) {
    meter.decidedBy(TierMeter.Tier.LOCAL);
    Verdict refusal = Authorization.refusal(key, key.stateAt(Instant.now()), ask);
    int cost = refusal == null ? ask.cost() : 0;
    Decision decision = isCertain(key, buckets) ? take(key, cost, buckets) : hold(key, cost);
    return refusal == null
        ? new Admission.Decided(key, decision)
        : new Admission.Refused(key, refusal, decision);
  }

  private Decision take(KeyRecord key, int cost, BucketStore buckets) {
    return shares.take(key.root().base64Url(), key.limit(), cost, () -> share(key, buckets));
  }

  /**
   * Whether it is certain that the others do without Redis too. A node alone need not ask. Beside
   * others, a share given out while they take from the shared bucket would come on top of the
   * limit: so not before all of this node has missed it for a while.
   */
  private boolean isCertain(KeyRecord key, BucketStore buckets) {
    return nodesAlive.getAsInt() <= 1 || nanoClock.getAsLong() - certainNanos(key, buckets) >= 0;
  }

  /** From when on it is certain, beside others. */
  private long certainNanos(KeyRecord key, BucketStore buckets) {
    String bucket = KeyPlaces.bucket(key.root());
    return sightings.missed(key.root(), buckets.server(bucket), buckets.awayNanos(bucket))
        + CERTAIN_AFTER_NANOS;
  }

  /** Refuses for the moment in which it is not certain yet. */
  private static Decision hold(KeyRecord key, int cost) {
    Limit limit = key.limit();
    return new Decision(
        cost == 0 ? Outcome.PEEKED : Outcome.LIMITED,
        limit,
        0,
        limit.fullSeconds() * 1_000,
        cost == 0 ? 0 : CERTAIN_AFTER_NANOS / 1_000_000,
        Source.LOCAL);
  }

  private LocalBuckets.Share share(KeyRecord key, BucketStore buckets) {
    int nodes = Math.max(1, nodesAlive.getAsInt());
    Sighting sighted = sightings.of(key.root());
    Sighting from =
        sighted == null
            ? sightings.ofServer(buckets.server(KeyPlaces.bucket(key.root())))
            : sighted;
    startMicrosOfDebts.putIfAbsent(key.root(), from.redisMicros());
    long startTokens = nodes == 1 && sighted != null ? sighted.remaining() : 0;
    // Beside others the refill of the moments before may be theirs: they were perhaps served for
    // longer than this node was.
    long startNanos = nodes == 1 ? from.nanos() : certainNanos(key, buckets);
    return new LocalBuckets.Share(nodes, startTokens, startNanos);
  }

  /** What has to be settled with the lineage's bucket in the call that is about to be made. */
  Settlement settlement(KeyHash root) {
    if (startMicrosOfDebts.isEmpty()) {
      return Settlement.NOTHING;
    }
    Long startMicros = startMicrosOfDebts.get(root);
    long tokens = startMicros == null ? -1 : shares.beginSettlement(root.base64Url());
    if (startMicros == null || tokens < 0) {
      return Settlement.NOTHING;
    }
    // Of a node alone, its own tokens are all there is.
    return new Settlement(true, new Debit(tokens, nodesAlive.getAsInt() <= 1 ? 0 : startMicros));
  }

  /**
   * How the call that carried {@code settlement} ended.
   *
   * @param server that was asked
   * @param reply what it answered, or null when it did not
   */
  void settled(KeyHash root, String server, Settlement settlement, @Nullable AdmitReply reply) {
    if (reply != null) {
      // Before the share is forgotten: who then begins one anew must know that Redis is there.
      sawReply(root, server, reply);
    }
    if (!settlement.isOpen()) {
      return;
    }
    if (reply == null || !reply.bucketSeen()) {
      shares.endSettlement(root.base64Url(), settlement.debit().tokens(), false);
      return;
    }
    startMicrosOfDebts.remove(root);
    if (shares.endSettlement(root.base64Url(), settlement.debit().tokens(), true)) {
      startMicrosOfDebts.putIfAbsent(root, reply.redisTimeMicros());
    }
  }

  /** Lineages with something to settle. */
  public int debts() {
    return startMicrosOfDebts.size();
  }
}
