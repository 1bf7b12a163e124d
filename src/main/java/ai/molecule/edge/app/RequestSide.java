package ai.molecule.edge.app;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/** What answers requests, with all it holds: pools, tiers, caches. One a node. */
interface RequestSide {
  /** Makes the handler of the calling event loop; called on each loop once, before it listens. */
  Handler<HttpServerRequest> handler(Vertx vertx);

  /** Writes what must not be lost and lets go of the stores; called when no request is left. */
  Future<Void> close();
}
