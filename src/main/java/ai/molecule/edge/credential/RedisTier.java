package ai.molecule.edge.credential;

import ai.molecule.edge.credential.Admission.Verdict;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.AdmitAsk;
import ai.molecule.edge.ratelimit.AdmitAsk.Lease;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.BucketStore;
import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.redis.IncarnationChanged;
import ai.molecule.edge.redis.RedisErrorReply;
import ai.molecule.edge.redis.RedisUnavailable;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tiers T1 to T3: one Redis script checks the key's version and takes tokens (T1), or answers the
 * record as well when this loop does not hold it (T2); a key that Redis does not know is read from
 * the Postgres primary, written to Redis by version, and asked for again (T3). Every admission is
 * thus vouched for by Redis at the moment it is given. When Redis does not answer, the outage tier
 * decides. One an event loop.
 */
public final class RedisTier implements AdmissionTier {
  /** Steps a request may take: record, fill, moved root, changed version; one more is a fault. */
  private static final int STEPS_MAX = 6;

  private static final Logger LOG = LoggerFactory.getLogger(RedisTier.class);

  private final BucketStore buckets;
  private final KeyCache cache;
  private final AbsenceCache absences;
  private final KeyFills fills;
  private final OutageTier outage;
  private final LeasePolicy leases;
  private final LeaseRenewals renewals;
  private final CostSettlement costs;
  private final LongPredicate sessionValid;
  private final LongSupplier nanoClock;
  private final TierMeter meter;

  /**
   * The tiers of one event loop.
   *
   * @param buckets Redis, over this loop's connection
   * @param cache this loop's keys
   * @param absences the node's remembered absences
   * @param fills reads from the primary into Redis, over this loop's connection
   * @param outage who decides while Redis is away
   * @param leases how many tokens to ask for
   * @param renewals asks for more before a lease is used up
   * @param sessionValid whether cached entries may admit at a given {@link System#nanoTime}
   */
  public RedisTier(
      BucketStore buckets,
      KeyCache cache,
      AbsenceCache absences,
      KeyFills fills,
      OutageTier outage,
      LeasePolicy leases,
      LeaseRenewals renewals,
      LongPredicate sessionValid,
      LongSupplier nanoClock,
      TierMeter meter) {
    this.buckets = buckets;
    this.cache = cache;
    this.absences = absences;
    this.fills = fills;
    this.outage = outage;
    this.leases = leases;
    this.renewals = renewals;
    this.costs = new CostSettlement(buckets, cache, nanoClock);
    this.sessionValid = sessionValid;
    this.nanoClock = nanoClock;
    this.meter = meter;
  }

  @Override
  public @Nullable Admission admitNow(KeyHash hash, Ask ask) {
    return absences.isAbsent(hash) ? new Admission.Unknown() : null;
  }

  @Override
  public Future<Admission> admitByStores(KeyHash hash, Ask ask) {
    CachedKey held = cache.get(hash);
    return held == null
        ? step(hash, null, ask, TierMeter.Tier.REDIS_RECORD, STEPS_MAX)
        : step(hash, held.record(), ask, TierMeter.Tier.REDIS_TOKEN, STEPS_MAX);
  }

  /**
   * One question to Redis, and what follows from its answer.
   *
   * @param tier the dearest tier that this request has needed so far
   */
  private Future<Admission> step(
      KeyHash hash, @Nullable KeyRecord known, Ask ask, TierMeter.Tier tier, int stepsLeft) {
    if (stepsLeft == 0) {
      LOG.error("a key did not settle in {} steps: {}", STEPS_MAX, hash);
      return Future.failedFuture(Problem.of(ProblemCode.STORE_UNAVAILABLE).retryAfter(1));
    }
    int cost = known == null || mayPay(known, ask) ? ask.cost() : 0;
    return send(
        new RedisQuestion(
            hash,
            known,
            cache.generation(hash),
            ask,
            cost,
            nanoClock.getAsLong(),
            tier,
            stepsLeft - 1));
  }

  /** Whether the script, which knows neither ranges nor this cost's bound, may take tokens. */
  private static boolean mayPay(KeyRecord known, Ask ask) {
    return known.ipAllow().allows(ask.caller()) && ask.cost() <= known.limit().burst();
  }

  private Future<Admission> send(RedisQuestion question) {
    Lease lease = lease(question);
    OutageTier.Settlement settlement = outage.settlement(question.root());
    CachedKey leasing = lease.tokens() == 0 ? null : cache.get(question.hash());
    if (leasing != null) {
      leasing.renewing(true);
    }
    AdmitAsk asked = question.toAsk(lease, settlement.debit());
    return buckets
        .admit(asked)
        .transform(
            done -> {
              String server = buckets.server(asked.bucketKey());
              outage.settled(question.root(), server, settlement, done.result());
              if (leasing != null) {
                leasing.renewing(false);
              }
              return done.succeeded()
                  ? answered(question, server, done.result())
                  : failed(question, done.cause());
            });
  }

  /** Tokens to take besides those of the request: as many in advance as demand says. */
  private Lease lease(RedisQuestion question) {
    KeyRecord known = question.known();
    CachedKey held = known == null ? null : cache.get(question.hash());
    if (held == null || question.cost() == 0 || !sessionValid.test(question.sentNanos())) {
      return Lease.NONE;
    }
    held.demanded(question.cost());
    if (held.isRenewing()) {
      // More may be needed than was thought when the renewal was left to wait.
      renewals.flush();
      return Lease.NONE;
    }
    return leases.lease(held.record().limit(), held.demandPerSecond(question.sentNanos()));
  }

  private Future<Admission> answered(RedisQuestion question, String server, AdmitReply reply) {
    if (reply.status() == AdmitReply.Status.MISS) {
      return fill(question);
    }
    KeyRecord key = question.known();
    Buffer bytes = reply.record();
    if (bytes != null) {
      key = decode(question.hash(), bytes);
    }
    if (key == null) {
      return fill(question);
    }
    CachedKey entry = cache.install(key, question.generation(), question.endsNanos(key, reply));
    if (question.mustBeAskedAgain(key, reply)) {
      return step(question.hash(), key, question.ask(), question.tier(), question.stepsLeft());
    }
    meter.decidedBy(question.tier());
    Decision decision = reply.toDecision(key.limit());
    costs.heard(server, reply.redisTimeMicros());
    CachedKey warm = entry != null && entry.record().version() == key.version() ? entry : null;
    if (warm != null) {
      learn(warm, question, reply);
    }
    return Future.succeededFuture(admission(key, reply, question.ask(), decision, warm));
  }

  private static @Nullable KeyRecord decode(KeyHash hash, Buffer bytes) {
    try {
      return KeyRecordCodec.decode(hash, bytes);
    } catch (RuntimeException broken) {
      LOG.warn("the Redis record of {} cannot be read: {}", hash, broken.toString());
      return null;
    }
  }

  /** What an entry takes from an answer: leased tokens, a denial, what is left. */
  private static void learn(CachedKey entry, RedisQuestion question, AdmitReply reply) {
    entry.sawShared(reply.remaining());
    long leased = reply.granted() - question.cost();
    if (leased > 0) {
      entry.lease(leased, question.sentNanos(), reply.leaseEndNanos(question.sentNanos()));
    }
    if (reply.status() == AdmitReply.Status.LIMITED) {
      entry.deny(question.cost(), question.sentNanos() + reply.waitMillis() * 1_000_000);
    }
  }

  private static Admission admission(
      KeyRecord key, AdmitReply reply, Ask ask, Decision decision, @Nullable CachedKey warm) {
    if (decision.outcome() != Decision.Outcome.ADMITTED) {
      Verdict refusal = Authorization.refusal(key, KeyState.ofOrdinal(reply.state()), ask);
      if (refusal != null) {
        return new Admission.Refused(key, refusal, decision);
      }
    }
    return new Admission.Decided(key, decision, warm);
  }

  private Future<Admission> fill(RedisQuestion question) {
    KeyHash hash = question.hash();
    return fills
        .fill(hash)
        .compose(
            found ->
                switch (found) {
                  case KeyLookup.Result.Absent() -> {
                    absences.remember(hash);
                    meter.decidedBy(TierMeter.Tier.POSTGRES);
                    yield Future.succeededFuture(new Admission.Unknown());
                  }
                  case KeyLookup.Result.Found(KeyRecord key) ->
                      step(
                          hash, key, question.ask(), TierMeter.Tier.POSTGRES, question.stepsLeft());
                },
            failure ->
                failure instanceof IncarnationChanged
                    ? step(hash, null, question.ask(), question.tier(), question.stepsLeft())
                    : failed(question, failure));
  }

  private Future<Admission> failed(RedisQuestion question, Throwable failure) {
    return failure instanceof RedisUnavailable || failure instanceof RedisErrorReply
        ? duringOutage(question.hash(), question.ask())
        : Future.failedFuture(failure);
  }

  private Future<Admission> duringOutage(KeyHash hash, Ask ask) {
    long now = nanoClock.getAsLong();
    CachedKey held = sessionValid.test(now) ? cache.get(hash) : null;
    return held != null && held.isCurrent(now)
        ? Future.succeededFuture(outage.decide(held.record(), ask, buckets))
        : outage.admit(hash, ask, buckets);
  }

  @Override
  public void renew(KeyHash hash) {
    CachedKey held = cache.get(hash);
    if (held != null) {
      renewals.add(held);
    }
  }

  @Override
  public void settle(KeyRecord key, long difference, long admittedNanos) {
    costs.settle(key, difference, admittedNanos);
  }
}
