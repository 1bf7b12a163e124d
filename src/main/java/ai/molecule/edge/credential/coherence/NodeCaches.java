package ai.molecule.edge.credential.coherence;

import ai.molecule.edge.credential.KeyHash;
import io.vertx.core.Future;
import java.util.List;

/** Every cache of this node: what the protocol needs of the event loops. */
public interface NodeCaches {
  /**
   * Drops the keys' entries, their leased tokens and every read of them under way, on every event
   * loop. Completes when all have.
   */
  Future<Void> drop(List<KeyHash> hashes);

  /** Drops everything, on every event loop. Completes when all have. */
  Future<Void> dropAll();
}
