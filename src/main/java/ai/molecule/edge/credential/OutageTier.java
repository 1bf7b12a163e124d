package ai.molecule.edge.credential;

import ai.molecule.edge.credential.Admission.Verdict;
import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.ratelimit.Decision.Outcome;
import ai.molecule.edge.ratelimit.Decision.Source;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.ratelimit.LocalBuckets;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides while Redis is away: keys come from the primary, or from a cache that somebody vouches
 * for, and each node gives out its share of a limit. Afterwards what was given out is settled with
 * the shared bucket: the refill of the outage belongs to those who decided meanwhile.
 *
 * <p>Strict where it can be: beside other nodes nothing is given out before Redis has been silent
 * for a second, since a share on top of the shared bucket would exceed the limit; a share begins
 * with what Redis said last when this is the only node, else with nothing, and refills from the
 * moment of that answer, beside others from the end of that second. One for the node, safe on any
 * thread.
 */
public final class OutageTier {
  /** Lineages whose last answer is remembered at most. */
  private static final int SIGHTINGS_MAX = 200_000;

  /** Servers whose last answer is remembered at most. */
  private static final int SERVERS_MAX = 2_000;

  /** Silence of Redis after which a node beside others takes it for gone. */
  private static final long CERTAIN_AFTER_NANOS = 1_000_000_000;

  /** No answer comes later than this: the longest deadline, and as much again. */
  private static final long ANSWER_LATE_MICROS_MAX = 2_000_000;

  private final KeyLookup primary;
  private final LocalBuckets shares;
  private final IntSupplier nodesAlive;
  private final LongSupplier nanoClock;
  private final TierMeter meter;
  private final Map<KeyHash, Sighting> sightings = new ConcurrentHashMap<>();
  private final Map<KeyHash, Long> startMicrosOfDebts = new ConcurrentHashMap<>();

  private final Map<String, LastAnswer> lastAnswers = new ConcurrentHashMap<>();

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
    answersOf("");
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

  /** The last answer about a bucket: tokens left, when here, when by Redis's clock. */
  private record Sighting(long remaining, long nanos, long redisMicros) {
    /**
     * What Redis said last: event loops hear its answers in any order, and one that is overtaken
     * tells of tokens that are gone. A clock that went back by more than an answer can be late is
     * another clock.
     */
    static Sighting later(Sighting known, Sighting heard) {
      long behind = known.redisMicros - heard.redisMicros;
      boolean overtaken =
          behind > 0 && behind < ANSWER_LATE_MICROS_MAX
              || behind == 0 && known.remaining < heard.remaining;
      return overtaken ? known : heard;
    }
  }

  /** A server's last answer, about whichever bucket. */
  private static final class LastAnswer {
    private volatile Sighting sighting;

    private LastAnswer(Sighting first) {
      this.sighting = first;
    }
  }

  /** {@code server} answered about a lineage's bucket. */
  void sawBucket(KeyHash root, String server, Decision decision, long redisMicros) {
    Sighting sighting = new Sighting(decision.remaining(), nanoClock.getAsLong(), redisMicros);
    answersOf(server).sighting = sighting;
    if (sightings.size() < SIGHTINGS_MAX || sightings.containsKey(root)) {
      sightings.merge(root, sighting, Sighting::later);
    }
  }

  /**
   * Decides about a request whose record nobody here vouches for.
   *
   * @param servers the server that decides about a lineage when it is there
   */
  Future<Admission> admit(KeyHash hash, Ask ask, Function<KeyHash, String> servers) {
    return primary
        .find(hash)
        .map(
            found ->
                switch (found) {
                  case KeyLookup.Result.Absent() -> new Admission.Unknown();
                  case KeyLookup.Result.Found(KeyRecord key) ->
                      decide(key, ask, servers.apply(key.root()));
                });
  }

  /**
   * Decides about a request whose record is vouched for.
   *
   * @param server that decides about its lineage when it is there
   */
  Admission decide(KeyRecord key, Ask ask, String server) {
    meter.decidedBy(TierMeter.Tier.LOCAL);
    Verdict refusal = Authorization.refusal(key, key.stateAt(Instant.now()), ask);
    int cost = refusal == null ? ask.cost() : 0;
    Sighting last = answersOf(server).sighting;
    Decision decision = isCertain(last) ? take(key, cost, last) : hold(key, cost);
    return refusal == null
        ? new Admission.Decided(key, decision)
        : new Admission.Refused(key, refusal, decision);
  }

  /** Of a server never heard: this very moment, in which it is missed. */
  private LastAnswer answersOf(String server) {
    LastAnswer known = lastAnswers.get(server);
    if (known != null) {
      return known;
    }
    if (lastAnswers.size() >= SERVERS_MAX) {
      // Servers come and go; to know less of them only makes this node wait longer.
      lastAnswers.clear();
    }
    return lastAnswers.computeIfAbsent(
        server, unheard -> new LastAnswer(new Sighting(0, nanoClock.getAsLong(), 0)));
  }

  private Decision take(KeyRecord key, int cost, Sighting last) {
    return shares.take(key.root().base64Url(), key.limit(), cost, share(key, last));
  }

  /**
   * Whether it is certain that the others do without Redis too. A node alone need not ask. Beside
   * others, a share given out while they take from the shared bucket would come on top of the
   * limit: so not before this node has had no answer at all for a while.
   */
  private boolean isCertain(Sighting last) {
    return nodesAlive.getAsInt() <= 1
        || nanoClock.getAsLong() - last.nanos() >= CERTAIN_AFTER_NANOS;
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

  private LocalBuckets.Share share(KeyRecord key, Sighting last) {
    int nodes = Math.max(1, nodesAlive.getAsInt());
    Sighting sighted = sightings.get(key.root());
    Sighting from = sighted == null ? last : sighted;
    startMicrosOfDebts.putIfAbsent(key.root(), from.redisMicros());
    long startTokens = nodes == 1 && sighted != null ? sighted.remaining() : 0;
    // Beside others the refill of the moments before may be theirs: they were perhaps served for
    // longer than this node was.
    long startNanos = nodes == 1 ? from.nanos() : last.nanos() + CERTAIN_AFTER_NANOS;
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
   * @param reply what Redis answered, or null when it did not
   */
  void settled(KeyHash root, Settlement settlement, @Nullable AdmitReply reply) {
    if (!settlement.isOpen()) {
      return;
    }
    boolean taken = reply != null && reply.bucketSeen();
    shares.endSettlement(root.base64Url(), settlement.debit().tokens(), taken);
    if (taken) {
      startMicrosOfDebts.remove(root);
    }
  }

  /** Lineages with something to settle. */
  public int debts() {
    return startMicrosOfDebts.size();
  }
}
