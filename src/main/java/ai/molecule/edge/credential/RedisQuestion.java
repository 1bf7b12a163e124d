package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.AdmitAsk;
import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitAsk.Lease;
import ai.molecule.edge.ratelimit.AdmitReply;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One question to Redis about a request: what was known when it was asked, by which its answer has
 * to be read.
 *
 * @param hash the presented key
 * @param known the record that this loop held, which nobody had vouched for; null for none
 * @param generation of the key in this loop's cache, see {@link KeyCache#generation}
 * @param ask what the request asks of its key
 * @param cost tokens that the script may take for the request
 * @param sentNanos {@link System#nanoTime} before it was sent
 * @param tier the dearest tier that the request has needed so far
 * @param stepsLeft further questions that the request may lead to
 */
record RedisQuestion(
    KeyHash hash,
    @Nullable KeyRecord known,
    int generation,
    Ask ask,
    int cost,
    long sentNanos,
    TierMeter.Tier tier,
    int stepsLeft) {
  /** The lineage as far as is known: a key is taken for the first of its own. */
  KeyHash root() {
    return known == null ? hash : known.root();
  }

  /** The question in the words of the script. */
  AdmitAsk toAsk(Lease lease, Debit debit) {
    KeyHash root = root();
    return new AdmitAsk(
        KeyPlaces.besideBucket(hash, root),
        KeyPlaces.bucket(root),
        known == null ? 0 : known.version(),
        ask.needed().mask(),
        cost,
        lease,
        debit);
  }

  /**
   * Whether the script held back only because this loop had to see the record first.
   *
   * @param key the record that it answered, or else the known one
   */
  boolean mustBeAskedAgain(KeyRecord key, AdmitReply reply) {
    if (!reply.bucketSeen()) {
      return true;
    }
    boolean learned = known == null || known.version() != key.version();
    return reply.status() == AdmitReply.Status.PEEKED
        && learned
        && ask.cost() > 0
        && Authorization.refusal(key, KeyState.ofOrdinal(reply.state()), ask) == null;
  }

  /**
   * {@link System#nanoTime} from which on the record's own time may be up, told by Redis's clock
   * alone: a node whose clock is wrong expires keys no later.
   */
  long endsNanos(KeyRecord key, AdmitReply reply) {
    Instant notAfter = key.notAfter();
    if (notAfter == null) {
      return sentNanos;
    }
    return sentNanos + (notAfter.toEpochMilli() * 1000 - reply.redisTimeMicros()) * 1000;
  }
}
