package ai.molecule.edge.credential;

import io.vertx.core.Future;
import java.util.List;

/**
 * Makes every node forget what it holds of changed keys: steps 3 to 5 of the change protocol.
 * Called after the change is in Postgres and in Redis, never before.
 */
public interface Coherence {
  /**
   * Completes once no node can admit anything under an older version of {@code keys}; fails with a
   * {@code store_unavailable} problem when that cannot be established.
   */
  Future<Void> invalidate(List<KeyRecord> keys);
}
