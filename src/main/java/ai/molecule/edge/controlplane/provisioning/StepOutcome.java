package ai.molecule.edge.controlplane.provisioning;

import java.time.Duration;

/** What becomes of a job after one run of it. */
public sealed interface StepOutcome {
  /** There is nothing left to do for it. */
  record Done() implements StepOutcome {}

  /** It is to be run again. */
  record Again(Duration after) implements StepOutcome {}
}
