package ai.molecule.edge.ratelimit;

import ai.molecule.edge.redis.Incarnation;
import ai.molecule.edge.redis.RedisLink;
import ai.molecule.edge.redis.RedisScript;
import ai.molecule.edge.redis.ScriptCall;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;

/**
 * The records and token buckets in Redis that all nodes share. One an event loop, used on that loop
 * only. Fails as {@link RedisLink} does; a call that may have run is never repeated.
 */
public final class SharedBuckets {
  private static final RedisScript ADMIT = RedisScript.load(SharedBuckets.class, "admit.lua");
  private static final RedisScript PUT = RedisScript.load(SharedBuckets.class, "put.lua");

  private final RedisLink redis;

  /** The buckets behind {@code redis}. */
  public SharedBuckets(RedisLink redis) {
    this.redis = redis;
  }

  /** The incarnation of Redis now, to be noted before the truth is read for {@link #put}. */
  public Future<Incarnation> incarnation() {
    return redis.incarnation();
  }

  /**
   * Reads a record and takes tokens, in one step.
   *
   * @param recordPlace where the record stands, in the bucket's slot; see {@link BucketKeys}
   * @param bucketKey the lineage's bucket
   * @param knownVersion a version whose record need not be sent again; 0 for none
   * @param neededMask the scopes the request needs
   * @param cost tokens it costs; 0 only looks
   * @param want tokens to take, at least the cost; those beyond it are leased
   * @param outageStartMicros Redis time since which this node decided by itself; 0 when it did not
   * @param debit tokens it gave out meanwhile ({@link LocalBuckets#takeSpent}), 0 to the burst
   */
  public Future<AdmitReply> admit(
      String recordPlace,
      String bucketKey,
      long knownVersion,
      int neededMask,
      int cost,
      int want,
      long outageStartMicros,
      long debit) {
    return redis
        .run(
            new ScriptCall(
                ADMIT,
                List.of(recordPlace, bucketKey),
                List.of(knownVersion, neededMask, cost, want, outageStartMicros, debit)))
        .map(AdmitReply::of);
  }

  /**
   * Writes a record that was read from the truth, unless a higher version is there. Fails with
   * {@link ai.molecule.edge.redis.IncarnationChanged} when Redis may have forgotten a change since
   * {@code noted} was noted, which has to be before the truth was read.
   */
  public Future<PutReply> put(Incarnation noted, String place, Buffer record, Duration ttl) {
    return redis.runUnder(noted, putCall(List.of(place), record, ttl)).map(PutReply::of);
  }

  /**
   * Writes a record that has just been committed, unless a higher version is there, under whatever
   * incarnation is current.
   *
   * @param bucketKey the lineage's bucket, in the same slot when it is to be written
   * @param fullBucketTtl not zero for a key nobody has used yet: its bucket is written full, to last
   *     until it would be full anyway; zero leaves the bucket alone. Never resets a bucket, nor
   *     writes a rotated key's
   */
  public Future<PutReply> putNow(
      String place, String bucketKey, Buffer record, Duration ttl, Duration fullBucketTtl) {
    boolean leaveBucket = fullBucketTtl.isZero();
    ScriptCall call =
        putCall(leaveBucket ? List.of(place) : List.of(place, bucketKey), record, ttl);
    return redis.run(call).map(PutReply::of);
  }

  private static ScriptCall putCall(List<String> keys, Buffer record, Duration ttl) {
    return new ScriptCall(PUT, keys, List.of(record, ttl.toMillis()));
  }
}
