package ai.molecule.edge.postgres;

import ai.molecule.edge.telemetry.LabelValue.StoreOp;

/** Takes note of calls to Postgres that ended. Called on any thread. */
@FunctionalInterface
public interface CallMeter {
  /**
   * A call ended.
   *
   * @param nanos how long it took
   * @param failed whether Postgres did not serve it; a call refused for what it asks is served
   */
  void ended(StoreOp op, long nanos, boolean failed);
}
