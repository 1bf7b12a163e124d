package ai.molecule.edge.ratelimit;

import ai.molecule.edge.redis.Incarnation;
import ai.molecule.edge.redis.RedisAccess;
import ai.molecule.edge.redis.RedisScript;
import ai.molecule.edge.redis.ScriptCall;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;

/**
 * The records and token buckets in Redis that all nodes share. One an event loop, used on that loop
 * only. Fails as {@link RedisAccess} does; a call that may have run is never repeated.
 */
public final class SharedBuckets implements BucketStore {
  private static final RedisScript ADMIT = RedisScript.load(SharedBuckets.class, "admit.lua");
  private static final RedisScript PUT = RedisScript.load(SharedBuckets.class, "put.lua");

  private final RedisAccess redis;

  /** The buckets behind {@code redis}. */
  public SharedBuckets(RedisAccess redis) {
    this.redis = redis;
  }

  @Override
  public Future<Incarnation> incarnation(String place) {
    return redis.incarnationOf(place);
  }

  @Override
  public String server(String bucketKey) {
    return redis.serverOf(bucketKey);
  }

  @Override
  public Future<AdmitReply> admit(
      String recordPlace,
      String bucketKey,
      long knownVersion,
      int neededMask,
      int cost,
      int want,
      long leaseSlotMicros,
      long outageStartMicros,
      long debit) {
    byte[] asked =
        AdmitAsk.encode(
            knownVersion, neededMask, cost, want, leaseSlotMicros, outageStartMicros, debit);
    return redis
        .run(new ScriptCall(ADMIT, List.of(recordPlace, bucketKey), List.of(asked)))
        .map(answer -> AdmitReply.of(answer.toBuffer(), knownVersion, cost));
  }

  @Override
  public Future<PutReply> put(Incarnation noted, String place, Buffer record, Duration ttl) {
    return redis.runUnder(noted, putCall(List.of(place), record, ttl)).map(PutReply::of);
  }

  @Override
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
