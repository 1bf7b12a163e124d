package ai.molecule.edge.app;

import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.credential.KeyLookup;
import ai.molecule.edge.telemetry.EdgeMeter.Store;
import ai.molecule.edge.telemetry.EdgeMeter.StoreOp;
import ai.molecule.edge.telemetry.EdgeMeters;
import io.vertx.core.Future;

/**
 * Measures how long the primary takes to find a key, and counts what fails.
 *
 * @param next who asks it
 */
record MeteredLookup(KeyLookup next, EdgeMeters meters) implements KeyLookup {
  @Override
  public Future<Result> find(KeyHash hash) {
    long begun = System.nanoTime();
    return next.find(hash)
        .onComplete(
            done ->
                meters.storeCall(
                    Store.POSTGRES, StoreOp.LOOKUP, System.nanoTime() - begun, done.failed()));
  }
}
