package ai.molecule.edge.ratelimit;

import java.nio.ByteBuffer;

/**
 * What admit.lua is asked: to take tokens for a request, to lease some in advance, to settle what
 * this node gave out by itself, or several of these at once.
 *
 * @param recordPlace where the record stands, in the bucket's slot; see {@link BucketKeys}
 * @param bucketKey the lineage's bucket
 * @param knownVersion a version whose record need not be sent again; 0 for none
 * @param neededMask the scopes the request needs
 * @param cost tokens it costs; 0 takes none for a request
 * @param lease tokens to take besides
 * @param debit what has to be settled before anything is taken
 */
public record AdmitAsk(
    String recordPlace,
    String bucketKey,
    long knownVersion,
    int neededMask,
    int cost,
    Lease lease,
    Debit debit) {
  /** Bytes of an ask at most. */
  static final int BYTES_MAX = 41;

  /**
   * Tokens taken in advance, as many as there are while no more than half the burst is outstanding
   * in leases.
   *
   * @param tokens how many are wanted
   * @param slotMicros the lease ends with the slot after the one it is granted in; {@value
   *     #SLOT_MICROS_MIN} to {@value #SLOT_MICROS_MAX} microseconds
   */
  public record Lease(int tokens, long slotMicros) {
    /** The shortest slot: the same as in admit.lua. */
    public static final long SLOT_MICROS_MIN = 50_000;

    /** The longest slot: the same as in admit.lua. */
    public static final long SLOT_MICROS_MAX = 5_000_000;

    /** No lease. */
    public static final Lease NONE = new Lease(0, SLOT_MICROS_MIN);
  }

  /**
   * Tokens that the bucket still has to be told of: given out without it, or taken and not needed.
   *
   * @param tokens given out by this node ({@link LocalBuckets#beginSettlement}), or cost beyond
   *     those taken; negative to give back what a request cost less. Of that no more comes back
   *     than leaves the bucket as if the true cost had been taken at once
   * @param sinceMicros Redis time since which all nodes decided by themselves; 0 when this one
   *     alone did, or none. With negative tokens, no later than when they were taken
   */
  public record Debit(long tokens, long sinceMicros) {
    /** Nothing to settle. */
    public static final Debit NONE = new Debit(0, 0);

    private boolean isNone() {
      return tokens == 0 && sinceMicros == 0;
    }
  }

  /** Asks for tokens in advance, on behalf of no request. */
  public static AdmitAsk leasing(
      String recordPlace, String bucketKey, long knownVersion, Lease lease) {
    return new AdmitAsk(recordPlace, bucketKey, knownVersion, 0, 0, lease, Debit.NONE);
  }

  /** Settles, and takes nothing. */
  public static AdmitAsk settling(
      String recordPlace, String bucketKey, long knownVersion, Debit debit) {
    return new AdmitAsk(recordPlace, bucketKey, knownVersion, 0, 0, Lease.NONE, debit);
  }

  /** Appends this ask to those before it, in the layout that the script's head describes. */
  void encode(ByteBuffer to) {
    boolean plain = lease.tokens == 0 && debit.isNone();
    to.putLong(knownVersion).putInt(neededMask).putInt(cost).putInt(cost + lease.tokens);
    to.put((byte) (plain ? 0 : 1));
    if (!plain) {
      to.putInt((int) lease.slotMicros).putLong(debit.sinceMicros).putLong(debit.tokens);
    }
  }
}
