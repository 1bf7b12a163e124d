package ai.molecule.edge.credential;

import ai.molecule.edge.redis.Incarnation;
import io.vertx.core.Future;

/**
 * Where key records come from. Found, absent and failed are three things: a failure is a failed
 * future and never means absent. Called on an event loop; completes on the same one.
 */
public interface KeyLookup {
  /** Looks the key up. Fails with a {@code store_unavailable} problem or the store's error. */
  Future<Result> find(KeyHash hash);

  /**
   * Looks the key up to write it to Redis, with a read that began when Redis was in {@code noted}
   * already: an earlier one may know less than a Redis that has forgotten since.
   */
  default Future<Result> find(KeyHash hash, Incarnation noted) {
    return find(hash);
  }

  /** What a lookup found. */
  sealed interface Result {
    /** The key exists (whatever its state). */
    record Found(KeyRecord key) implements Result {}

    /** There is no such key. */
    record Absent() implements Result {}
  }
}
