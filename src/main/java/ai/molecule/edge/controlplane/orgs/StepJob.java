package ai.molecule.edge.controlplane.orgs;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One step to be done for one generation of an org: what a job's key says.
 *
 * @param direction whether the generation brings the org up or takes it down
 */
public record StepJob(Direction direction, UUID orgId, long generation, OrgStep step) {
  /** Which way an org goes; each has a task of its own among the jobs. */
  public enum Direction {
    PROVISION("org-provision"),
    TEARDOWN("org-teardown");

    private static final List<OrgStep> STEPS = List.of(OrgStep.values());

    private final String task;

    Direction(String task) {
      this.task = task;
    }

    /** The name of the task under which its jobs stand. */
    public String task() {
      return task;
    }

    /** The steps in the order in which they are done. */
    public List<OrgStep> steps() {
      return this == PROVISION ? STEPS : STEPS.reversed();
    }
  }

  /** The job of that key, or empty when it is none. */
  public static Optional<StepJob> parse(Direction direction, String instance) {
    String[] parts = instance.split(":", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      UUID orgId = UUID.fromString(parts[0]);
      long generation = Long.parseLong(parts[1]);
      return OrgStep.ofWireName(parts[2])
          .map(step -> new StepJob(direction, orgId, generation, step));
    } catch (IllegalArgumentException broken) {
      return Optional.empty();
    }
  }

  /** The first job of a generation. */
  static StepJob first(Direction direction, UUID orgId, long generation) {
    return new StepJob(direction, orgId, generation, direction.steps().getFirst());
  }

  /** The job after this one; empty after the last. */
  public Optional<StepJob> next() {
    List<OrgStep> steps = direction.steps();
    int next = steps.indexOf(step) + 1;
    return next < steps.size()
        ? Optional.of(new StepJob(direction, orgId, generation, steps.get(next)))
        : Optional.empty();
  }

  /** The job's key: {@code org:generation:step}. */
  public String instance() {
    return orgId + ":" + generation + ":" + step.wireName();
  }
}
