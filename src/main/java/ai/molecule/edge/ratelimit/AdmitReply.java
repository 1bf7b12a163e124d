package ai.molecule.edge.ratelimit;

import ai.molecule.edge.redis.ReplyArray;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import org.jspecify.annotations.Nullable;

/**
 * What admit.lua answered.
 *
 * @param status what was done
 * @param version of the record; 0 for a miss
 * @param remaining whole tokens left, never negative
 * @param fullInMillis milliseconds until the bucket is full if nothing more is taken
 * @param granted tokens taken, leased ones included
 * @param leaseMillis for how long, from the sending of the call, leased tokens may be spent; 0 when
 *     none was leased
 * @param waitMillis for a refusal, milliseconds until the cost is there
 * @param record the record when its version is not the known one, else null
 * @param state ordinal of the key's state now, expiry and the end of grace included
 * @param redisTimeMicros Redis time of the call, microseconds
 * @param bucketSeen whether the bucket was looked at and an outage settled; false for a miss and
 *     when the record's root says that the bucket is another one: ask again there
 */
public record AdmitReply(
    Status status,
    long version,
    long remaining,
    long fullInMillis,
    long granted,
    long leaseMillis,
    long waitMillis,
    @Nullable Buffer record,
    int state,
    long redisTimeMicros,
    boolean bucketSeen) {

  /** What the script did, in the order of its numbers. */
  public enum Status {
    /** No record of this incarnation is in Redis. */
    MISS,
    /** Tokens were taken. */
    ADMITTED,
    /** The bucket did not hold the cost. */
    LIMITED,
    /** Nothing was taken: nothing was asked for, or the key may not pass, or the caller decides. */
    PEEKED
  }

  private static final Status[] STATUSES = Status.values();

  static AdmitReply of(Response reply) {
    ReplyArray array = new ReplyArray(reply);
    return new AdmitReply(
        STATUSES[(int) array.integerAt(0)],
        array.integerAt(1),
        array.integerAt(2),
        array.integerAt(3),
        array.integerAt(4),
        array.integerAt(5),
        array.integerAt(6),
        array.bytesAt(7),
        (int) array.integerAt(8),
        array.integerAt(9),
        array.integerAt(10) == 1);
  }

  /**
   * When leased tokens may no longer be spent: before the bucket stops counting them, reckoned from
   * before it was asked. A millisecond for the rounding, and a thousandth of the time for two
   * clocks of which one goes faster than the other.
   *
   * @param sentNanos {@link System#nanoTime} before the call was sent
   */
  public long leaseEndNanos(long sentNanos) {
    return sentNanos + (leaseMillis - 1 - leaseMillis / 1_000) * 1_000_000;
  }

  /**
   * The decision this is, under the record's limit.
   *
   * @throws IllegalStateException for a miss, which decides nothing
   */
  public Decision toDecision(Limit limit) {
    Decision.Outcome outcome =
        switch (status) {
          case ADMITTED -> Decision.Outcome.ADMITTED;
          case LIMITED -> Decision.Outcome.LIMITED;
          case PEEKED -> Decision.Outcome.PEEKED;
          case MISS -> throw new IllegalStateException("a miss is no decision");
        };
    return new Decision(
        outcome, limit, remaining, fullInMillis, waitMillis, Decision.Source.SHARED);
  }
}
