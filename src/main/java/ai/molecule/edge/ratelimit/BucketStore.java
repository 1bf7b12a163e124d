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

  /** For how long there has been no connection to that server; 0 while there is one. */
  long awayNanos(String bucketKey);

  /** Reads a record and takes tokens, in one step. */
  Future<AdmitReply> admit(AdmitAsk ask);

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
