package ai.molecule.edge.app.front;

import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** What answers requests, with all it holds: pools, tiers, caches. One a node. */
public interface RequestSide {
  /** Opens the calling event loop's part; called on each loop once, before it listens. */
  RequestLoop open(Vertx vertx);

  /**
   * Reads the routes again, the one thing here that may change while the node runs. Never fails.
   */
  Future<Void> reload();

  /** Writes what must not be lost and lets go of the stores; called when all loops are closed. */
  Future<Void> close();
}
