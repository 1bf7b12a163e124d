package ai.molecule.edge.credential;

import ai.molecule.edge.credential.Admission.Verdict;
import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.ratelimit.Decision.Outcome;
import ai.molecule.edge.ratelimit.Decision.Source;
import ai.molecule.edge.ratelimit.Limit;
import org.jspecify.annotations.Nullable;

/**
 * One key as one event loop holds it: an immutable record, tokens leased from its bucket, and a
 * denial to remember. Leases are spent oldest first, never after their end, and never given back.
 * Used on its event loop only; a new version of the record gets a new object, with no leases.
 */
final class CachedKey implements WarmKey {
  /** The shortest time over which demand is measured. */
  private static final long DEMAND_NANOS_MIN = 5_000_000;

  private final KeyRecord record;
  private LastUse.Cell use;

  // What each request compares, copied out of the record: one place in memory instead of six.
  private final long hashA;
  private final long hashB;
  private final long hashC;
  private final long hashD;
  private final long endsNanos;
  private final boolean endless;
  private final boolean unconditional;
  private final boolean plain;
  private final Limit limit;
  private final int scopeMask;
  private final int burst;
  private final int ratePerMinute;

  private @Nullable Object rendering;

  /** Set by every look-up, cleared when the table's hand passes. */
  boolean used;

  private long tokens;
  private long tokensEndNanos;
  private long nextTokens;
  private long nextTokensEndNanos;
  private long leased;
  private long leaseNanos;
  private boolean renewing;

  private long sharedLeft;
  private long denyUntilNanos;
  private int denyCost = Integer.MAX_VALUE;

  private long askedNanos;
  private long demandedTokens;
  private boolean asked;

  /**
   * A key with no leases.
   *
   * @param endsNanos {@link System#nanoTime} from which on the record does not speak for the key
   *     any more, because its time may be up; ignored when the record has no such time
   */
  CachedKey(KeyRecord record, LastUse.Cell use, long endsNanos) {
    this.record = record;
    this.use = use;
    this.endsNanos = endsNanos;
    this.endless = record.notAfter() == null;
    KeyHash hash = record.hash();
    this.hashA = hash.a();
    this.hashB = hash.b();
    this.hashC = hash.c();
    this.hashD = hash.d();
    this.unconditional = record.storedState() == KeyState.ACTIVE && record.ipAllow().isAnywhere();
    this.plain = record.workspaceId() == null && record.graceUntil() == null;
    this.limit = record.limit().shared();
    this.scopeMask = record.scopes().mask();
    this.burst = record.limit().burst();
    this.ratePerMinute = record.limit().ratePerMinute();
  }

  KeyRecord record() {
    return record;
  }

  /** Whether this is the key of that hash. */
  boolean isOf(KeyHash hash) {
    return hashA == hash.a() && hashB == hash.b() && hashC == hash.c() && hashD == hash.d();
  }

  /** The first 64 bits of its hash. */
  long hashA() {
    return hashA;
  }

  @Override
  public LastUse.Cell use() {
    use = use.settled();
    return use;
  }

  @Override
  public boolean isPlain() {
    return plain;
  }

  @Override
  public @Nullable Object rendering() {
    return rendering;
  }

  @Override
  public void rendering(Object rendered) {
    rendering = rendered;
  }

  /** Why the key may not do what a request asks, or null when it may. */
  @Nullable Verdict refusal(Ask ask) {
    int needed = ask.needed().mask();
    return unconditional && (scopeMask & needed) == needed && ask.cost() <= burst
        ? null
        : Authorization.refusal(record, record.storedState(), ask);
  }

  /** Whether the record still speaks for the key at {@code nowNanos}. */
  boolean isCurrent(long nowNanos) {
    return endless || nowNanos - endsNanos < 0;
  }

  /** Spends leased tokens, all of them or none. */
  boolean take(int cost, long nowNanos) {
    if (nowNanos - tokensEndNanos >= 0 || tokens == 0) {
      tokens = nextTokens;
      tokensEndNanos = nextTokensEndNanos;
      nextTokens = 0;
      if (tokens != 0 && nowNanos - tokensEndNanos >= 0) {
        tokens = 0;
      }
    }
    if (tokens < cost) {
      return takeOfBoth(cost, nowNanos);
    }
    tokens -= cost;
    return true;
  }

  private boolean takeOfBoth(int cost, long nowNanos) {
    if (tokens + nextTokens < cost || nowNanos - nextTokensEndNanos >= 0) {
      return false;
    }
    tokens += nextTokens - cost;
    tokensEndNanos = nextTokensEndNanos;
    nextTokens = 0;
    return true;
  }

  /** Takes a lease in that was asked for at {@code sentNanos} and ends at {@code endNanos}. */
  void lease(long granted, long sentNanos, long endNanos) {
    leaseNanos = endNanos - sentNanos;
    if (tokens == 0) {
      tokens = granted;
      tokensEndNanos = endNanos;
    } else if (nextTokens == 0) {
      nextTokens = granted;
      nextTokensEndNanos = endNanos;
    } else {
      // A third one, asked for by a request that costs more than both: all of it ends when the
      // first of it does.
      nextTokens += granted;
      if (endNanos - nextTokensEndNanos < 0) {
        nextTokensEndNanos = endNanos;
      }
    }
    leased = granted;
    denyCost = Integer.MAX_VALUE;
  }

  /**
   * Whether it is time to ask for more in the background: a third of the tokens is left, or a
   * quarter of the lease's time.
   */
  boolean wantsRenewal(long nowNanos) {
    return !renewing
        && leased > 1
        && nextTokens == 0
        && (tokens * 3 <= leased || (tokensEndNanos - nowNanos) * 4 < leaseNanos);
  }

  /** How long the lease taken in last could be spent, from when it was asked for. */
  long leaseNanos() {
    return leaseNanos;
  }

  /** Whether a lease has been asked for that is not here yet. */
  boolean isRenewing() {
    return renewing;
  }

  void renewing(boolean underWay) {
    renewing = underWay;
  }

  /** Remembers that {@code cost} tokens were not there, and will not be until then. */
  void deny(int cost, long untilNanos) {
    denyCost = cost;
    denyUntilNanos = untilNanos;
  }

  /** Whether asking for {@code cost} tokens is known to be in vain. */
  boolean isDenied(int cost, long nowNanos) {
    return cost >= denyCost && nowNanos - denyUntilNanos < 0;
  }

  /** The shared bucket was seen with that many tokens left. */
  void sawShared(long remaining) {
    sharedLeft = remaining;
  }

  /** Counts a request towards the key's demand on this loop. */
  void demanded(int cost) {
    demandedTokens += cost;
  }

  /**
   * Redis is about to be asked for tokens.
   *
   * @return tokens a second that this loop spent since it asked last; 0 when it never did, or so
   *     lately that nothing can be said
   */
  long demandPerSecond(long nowNanos) {
    long elapsed = Math.max(0, nowNanos - askedNanos);
    if (asked && elapsed < DEMAND_NANOS_MIN) {
      return 0;
    }
    long demand = asked ? (long) (demandedTokens * 1e9 / elapsed) : 0;
    asked = true;
    askedNanos = nowNanos;
    demandedTokens = 0;
    return demand;
  }

  /** The decision about {@code cost} tokens just spent from a lease. */
  Decision admitted() {
    return decision(Outcome.ADMITTED, 0);
  }

  /** What is left, with nothing taken. */
  Decision peeked() {
    return decision(Outcome.PEEKED, 0);
  }

  /** The decision of a remembered denial. */
  Decision limited(long nowNanos) {
    long waitNanos = Math.max(0, denyUntilNanos - nowNanos);
    return decision(Outcome.LIMITED, Math.ceilDiv(waitNanos, 1_000_000L));
  }

  private Decision decision(Outcome outcome, long retryAfterMillis) {
    long remaining = Math.min(burst, sharedLeft + tokens + nextTokens);
    long missing = burst - remaining;
    long fullInMillis = Math.ceilDiv(missing * 60_000L, (long) ratePerMinute);
    return new Decision(outcome, limit, remaining, fullInMillis, retryAfterMillis, Source.LEASED);
  }
}
