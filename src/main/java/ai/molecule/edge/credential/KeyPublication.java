package ai.molecule.edge.credential;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.BucketStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries committed key versions to where admissions are decided: Redis first (step 2 of the change
 * protocol), then every node (steps 3 to 5). The order matters: a node that forgot before Redis
 * knew could be told the old version again. Repeating it is harmless: versions never go back. One
 * an event loop.
 */
public final class KeyPublication {
  private static final Duration LEAVE = Duration.ZERO;

  /** Keys written to Redis at once: an org may have more than a connection may have in flight. */
  private static final int CHUNK_MAX = 100;

  private final BucketStore buckets;
  private final Coherence coherence;

  /** Publishes over {@code buckets} and {@code coherence}. */
  public KeyPublication(BucketStore buckets, Coherence coherence) {
    this.buckets = buckets;
    this.coherence = coherence;
  }

  /**
   * Publishes changed keys.
   *
   * @return completes when no node admits under an older version; fails with a {@code
   *     store_unavailable} problem, and then the outbox finishes it
   */
  public Future<Void> changed(List<KeyRecord> keys) {
    Future<Void> published = Future.succeededFuture();
    for (int from = 0; from < keys.size(); from += CHUNK_MAX) {
      List<KeyRecord> chunk = keys.subList(from, Math.min(keys.size(), from + CHUNK_MAX));
      published = published.compose(before -> changedTogether(chunk));
    }
    return published;
  }

  private Future<Void> changedTogether(List<KeyRecord> keys) {
    return toRedis(keys, false)
        .recover(
            failure ->
                Future.failedFuture(
                    Problem.of(
                            ProblemCode.STORE_UNAVAILABLE,
                            "The change is recorded but not yet in force everywhere; it will be"
                                + " soon. Repeat the call to wait for it.")
                        .retryAfter(1)))
        .compose(written -> coherence.invalidate(keys));
  }

  /**
   * Publishes a key nobody has used yet, with a full bucket.
   *
   * @return completes when it is in Redis; fails when Redis did not take it, which harms nothing:
   *     the key is found in Postgres
   */
  public Future<Void> created(KeyRecord key) {
    return toRedis(List.of(key), true);
  }

  private Future<Void> toRedis(List<KeyRecord> keys, boolean unused) {
    List<Future<?>> writes = new ArrayList<>();
    for (KeyRecord key : keys) {
      Buffer bytes = KeyRecordCodec.encode(key);
      String bucket = KeyPlaces.bucket(key.root());
      Duration fullBucketTtl = unused ? Duration.ofSeconds(key.limit().fullSeconds() + 1) : LEAVE;
      for (String place : KeyPlaces.all(key)) {
        writes.add(buckets.putNow(place, bucket, bytes, KeyFills.ttl(key), fullBucketTtl));
      }
    }
    return Future.all(writes).mapEmpty();
  }
}
