package ai.molecule.edge.app.node;

import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.credential.KeyLookup;
import ai.molecule.edge.telemetry.EdgeMeter;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue.Store;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures how long the primary takes to find a key, and counts what fails.
 *
 * @param next who asks it
 * @param inFlight how many it is being asked at the moment
 */
record MeteredLookup(KeyLookup next, EdgeMeters meters, AtomicInteger inFlight)
    implements KeyLookup {
  /** A lookup that also tells how many are in flight. */
  static MeteredLookup of(KeyLookup next, EdgeMeters meters) {
    AtomicInteger inFlight = new AtomicInteger();
    meters.gauge(EdgeMeter.FILLS_IN_FLIGHT, inFlight::get);
    return new MeteredLookup(next, meters, inFlight);
  }

  @Override
  public Future<Result> find(KeyHash hash) {
    long begun = System.nanoTime();
    inFlight.incrementAndGet();
    return next.find(hash)
        .onComplete(
            done -> {
              inFlight.decrementAndGet();
              meters.storeCall(
                  Store.POSTGRES, StoreOp.LOOKUP, System.nanoTime() - begun, done.failed());
            });
  }
}
