package ai.molecule.edge.controlplane.webhooks;

/** Is told what couriers do. */
public interface CourierMeter {
  /** What an attempt came to. */
  enum Outcome {
    /** The receiver took the event. */
    DELIVERED,
    /** It did not, and is tried again. */
    FAILED,
    /** It did not, and is not tried again. */
    DEAD
  }

  /** An attempt ended. */
  void attempted(Outcome outcome, long nanos);
}
