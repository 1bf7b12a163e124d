package ai.molecule.edge.ratelimit;

import ai.molecule.edge.redis.Incarnation;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;

/**
 * The key records and token buckets that all nodes share: what the tiers need of Redis. Each call
 * is atomic, has a deadline, and is never repeated when it may have run.
 */
public interface BucketStore {
  /**
   * The incarnation now of the memory in which {@code place} stands, to be noted before the truth
   * is read for {@link #put}.
   */
  Future<Incarnation> incarnation(String place);

  /** The server that decides about a bucket, as far as is known: an opaque name, maybe empty. */
  String server(String bucketKey);

  /**
   * Reads a record and takes tokens, in one step.
   *
   * @param recordPlace where the record stands, in the bucket's slot; see {@link BucketKeys}
   * @param bucketKey the lineage's bucket
   * @param knownVersion a version whose record need not be sent again; 0 for none
   * @param neededMask the scopes the request needs
   * @param cost tokens it costs; 0 takes none for the request
   * @param want tokens to take, at least the cost; those beyond it are leased, as long as no more
   *     than half the burst is outstanding in leases; 0 with a cost of 0 only looks
   * @param leaseSlotMicros a lease ends with the slot after the one it is granted in; 50 ms to 5 s
   * @param outageStartMicros Redis time since which this node decided by itself; 0 when it did not.
   *     With a negative debit, no later than when the tokens given back were taken
   * @param debit tokens it gave out meanwhile ({@link LocalBuckets#beginSettlement}), or a request
   *     cost beyond those taken for it; negative to give back what it cost less. Of that no more
   *     comes back than leaves the bucket as if the true cost had been taken at once
   */
  Future<AdmitReply> admit(
      String recordPlace,
      String bucketKey,
      long knownVersion,
      int neededMask,
      int cost,
      int want,
      long leaseSlotMicros,
      long outageStartMicros,
      long debit);

  /**
   * Writes a record that was read from the truth, unless a higher version is there. Fails with
   * {@link ai.molecule.edge.redis.IncarnationChanged} when Redis may have forgotten a change since
   * {@code noted} was noted, which has to be before the truth was read.
   */
  Future<PutReply> put(Incarnation noted, String place, Buffer record, Duration ttl);

  /**
   * Writes a record that has just been committed, unless a higher version is there, under whatever
   * incarnation is current.
   *
   * @param bucketKey the lineage's bucket, in the same slot when it is to be written
   * @param fullBucketTtl not zero for a key nobody has used yet: its bucket is written full, to
   *     last until it would be full anyway; zero leaves the bucket alone. Never resets a bucket,
   *     nor writes a rotated key's
   */
  Future<PutReply> putNow(
      String place, String bucketKey, Buffer record, Duration ttl, Duration fullBucketTtl);
}
