package ai.molecule.edge.credential;

import ai.molecule.edge.credential.Admission.Verdict;
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
  /** Lineages whose last answer is remembered at most. */
  private static final int SIGHTINGS_MAX = 200_000;

  /** Servers whose last answer is remembered at most. */
  private static final int SERVERS_MAX = 2_000;

  /** A node beside others that has missed Redis for so long takes it for gone. */
  private static final long CERTAIN_AFTER_NANOS = 1_000_000_000;

  /** Time between two misses at most, if it counts as missed in between as well. */
  private static final long MISSES_APART_NANOS_MAX = 500_000_000;

  /** No answer comes later than this: the longest deadline, and as much again. */
  private static final long ANSWER_LATE_MICROS_MAX = 2_000_000;

  private final KeyLookup primary;
  private final LocalBuckets shares;
  private final IntSupplier nodesAlive;
  private final LongSupplier nanoClock;
  private final TierMeter meter;
  private final Map<KeyHash, Sighting> sightings = new ConcurrentHashMap<>();
  private final Map<KeyHash, Long> startMicrosOfDebts = new ConcurrentHashMap<>();
  private final Map<String, Server> servers = new ConcurrentHashMap<>();

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
    server("");
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

  /** The last answer about a bucket: of whom, tokens left, when here, when by Redis's clock. */
  private record Sighting(String server, long remaining, long nanos, long redisMicros) {
    /**
     * What Redis said last: event loops hear its answers in any order, and one that is overtaken
     * tells of tokens that are gone. Another server's clock is another clock, and so is one that
     * went back by more than an answer can be late.
     */
    static Sighting later(Sighting known, Sighting heard) {
      long behind = known.redisMicros - heard.redisMicros;
      boolean overtaken =
          known.server.equals(heard.server)
              && (behind > 0 && behind < ANSWER_LATE_MICROS_MAX
                  || behind == 0 && known.remaining < heard.remaining);
      return overtaken ? known : heard;
    }
  }

  /** A server as the whole node knows it: its last answer, and since when it has been missed. */
  private static final class Server {
    private volatile Sighting last;
    private boolean missed;
    private long missedSinceNanos;
    private long missedLastNanos;

    private Server(Sighting unheard) {
      this.last = unheard;
    }

    private synchronized void answered(Sighting sighting) {
      last = sighting;
      missed = false;
    }

    /**
     * Somebody misses it. That nothing was heard says nothing, perhaps nothing was asked: what
     * counts is that it was missed again and again, or that there was no connection.
     *
     * @param awayNanos for how long there has been none
     * @return since when it has certainly been missed
     */
    private synchronized long missed(long nowNanos, long awayNanos) {
      if (!missed || nowNanos - missedLastNanos > MISSES_APART_NANOS_MAX) {
        missedSinceNanos = nowNanos;
      }
      missed = true;
      missedLastNanos = nowNanos;
      missedSinceNanos = earlier(missedSinceNanos, nowNanos - awayNanos);
      return later(missedSinceNanos, last.nanos);
    }
  }

  /** {@code server} answered a call about a lineage. */
  void sawReply(KeyHash root, String server, AdmitReply reply) {
    if (reply.bucketSeen()) {
      sawBucket(root, server, reply.remaining(), reply.redisTimeMicros());
    }
  }

  private void sawBucket(KeyHash root, String server, long remaining, long redisMicros) {
    Sighting sighting = new Sighting(server, remaining, nanoClock.getAsLong(), redisMicros);
    server(server).answered(sighting);
    if (sightings.size() < SIGHTINGS_MAX || sightings.containsKey(root)) {
      sightings.merge(root, sighting, Sighting::later);
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

  /** One never heard was heard last at this very moment, in which it is missed. */
  private Server server(String name) {
    Server known = servers.get(name);
    if (known != null) {
      return known;
    }
    if (servers.size() >= SERVERS_MAX) {
      // Servers come and go; to know less of them only makes this node wait longer.
      servers.clear();
    }
    return servers.computeIfAbsent(
        name, unheard -> new Server(new Sighting(name, 0, nanoClock.getAsLong(), 0)));
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

  /**
   * From when on it is certain, beside others. An answer about this very bucket counts whoever gave
   * it: event loops may not agree yet which server of a cluster decides.
   */
  private long certainNanos(KeyRecord key, BucketStore buckets) {
    String bucket = KeyPlaces.bucket(key.root());
    long silent =
        server(buckets.server(bucket)).missed(nanoClock.getAsLong(), buckets.awayNanos(bucket));
    Sighting sighted = sightings.get(key.root());
    return (sighted == null ? silent : later(silent, sighted.nanos())) + CERTAIN_AFTER_NANOS;
  }

  private static long later(long nanos, long otherNanos) {
    return nanos - otherNanos >= 0 ? nanos : otherNanos;
  }

  private static long earlier(long nanos, long otherNanos) {
    return nanos - otherNanos >= 0 ? otherNanos : nanos;
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
    Sighting sighted = sightings.get(key.root());
    Sighting from =
        sighted == null ? server(buckets.server(KeyPlaces.bucket(key.root()))).last : sighted;
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
