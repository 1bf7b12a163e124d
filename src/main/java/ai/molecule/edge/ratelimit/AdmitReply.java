package ai.molecule.edge.ratelimit;

import io.vertx.core.buffer.Buffer;
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

  /** Bytes of an answer that says only what cannot be known beforehand. */
  private static final int PLAIN_BYTES = 20;

  /** Bytes of any other before the record. */
  private static final int FIXED_BYTES = 47;

  /**
   * Takes admit.lua's answer apart; its layout is in the script's head.
   *
   * @param ask that it answers
   * @throws IndexOutOfBoundsException when the bytes are no such answer
   */
  static AdmitReply of(Buffer bytes, AdmitAsk ask) {
    if (bytes.length() == PLAIN_BYTES) {
      return new AdmitReply(
          Status.ADMITTED,
          ask.knownVersion(),
          bytes.getUnsignedInt(0),
          bytes.getLong(4),
          ask.cost(),
          0,
          0,
          null,
          0,
          bytes.getLong(12),
          true);
    }
    return new AdmitReply(
        STATUSES[bytes.getByte(0)],
        bytes.getLong(3),
        bytes.getUnsignedInt(11),
        bytes.getLong(15),
        bytes.getUnsignedInt(23),
        bytes.getUnsignedInt(27),
        bytes.getLong(31),
        bytes.length() == FIXED_BYTES ? null : bytes.getBuffer(FIXED_BYTES, bytes.length()),
        bytes.getByte(1),
        bytes.getLong(39),
        bytes.getByte(2) == 1);
  }

  /** Whether tokens were taken. */
  public boolean isAdmitted() {
    return status == Status.ADMITTED;
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
