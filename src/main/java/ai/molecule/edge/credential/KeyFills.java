package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.BucketStore;
import ai.molecule.edge.redis.Incarnation;
import io.vertx.core.Future;
import java.time.Duration;

/**
 * Reads a key from the primary and writes it to Redis (T3). The Redis incarnation is noted before
 * the read and the write runs under that one alone: a Redis that lost its memory in between, and
 * with it perhaps a tombstone, gets no record read before. A stored record of a higher version is
 * never replaced. One an event loop.
 */
public final class KeyFills {
  /** How long an active record stays in Redis after its last use, at least half of this. */
  static final Duration RECORD_TTL = Duration.ofHours(1);

  /** How long a record that refuses stays: longer than any fill can be late. */
  static final Duration TOMBSTONE_TTL = Duration.ofHours(24);

  private final KeyLookup primary;
  private final BucketStore buckets;

  /** Fills from {@code primary} into {@code buckets}. */
  public KeyFills(KeyLookup primary, BucketStore buckets) {
    this.primary = primary;
    this.buckets = buckets;
  }

  /**
   * Reads the key and, if it exists, writes it to Redis.
   *
   * @return what the primary said; fails with {@code IncarnationChanged} when the caller must start
   *     over, with {@code RedisUnavailable}, or with a {@code store_unavailable} problem
   */
  Future<KeyLookup.Result> fill(KeyHash hash) {
    return buckets
        .incarnation(KeyPlaces.besideBucket(hash, hash))
        .compose(
            noted ->
                primary
                    .find(hash, noted)
                    .compose(
                        found ->
                            switch (found) {
                              case KeyLookup.Result.Absent() -> Future.succeededFuture(found);
                              case KeyLookup.Result.Found(KeyRecord key) ->
                                  put(noted, KeyPlaces.besideBucket(hash, hash), key)
                                      .compose(
                                          written ->
                                              key.root().equals(hash)
                                                  ? Future.succeededFuture(written)
                                                  : besideBucket(noted, key));
                            }));
  }

  /** The place of which nothing was known before the read: it may be in another memory. */
  private Future<KeyLookup.Result> besideBucket(Incarnation noted, KeyRecord key) {
    String place = KeyPlaces.besideBucket(key.hash(), key.root());
    return buckets
        .incarnation(place)
        .compose(
            there ->
                there.equals(noted)
                    ? put(noted, place, key)
                    : primary
                        .find(key.hash(), there)
                        .compose(
                            found ->
                                switch (found) {
                                  case KeyLookup.Result.Absent() -> Future.succeededFuture(found);
                                  case KeyLookup.Result.Found(KeyRecord now) ->
                                      put(there, place, now);
                                }));
  }

  private Future<KeyLookup.Result> put(Incarnation noted, String place, KeyRecord key) {
    return buckets
        .put(noted, place, KeyRecordCodec.encode(key), ttl(key))
        .map(new KeyLookup.Result.Found(key));
  }

  /** How long Redis keeps a record. */
  static Duration ttl(KeyRecord key) {
    return key.storedState() == KeyState.ACTIVE ? RECORD_TTL : TOMBSTONE_TTL;
  }
}
