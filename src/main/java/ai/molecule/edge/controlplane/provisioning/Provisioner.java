package ai.molecule.edge.controlplane.provisioning;

import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgStep;
import io.vertx.core.Future;

/**
 * Makes what an org needs, step by step, and takes it away again. Both are idempotent and may
 * overlap in time with each other: the caller takes away last. Safe on any thread.
 */
public interface Provisioner {
  /**
   * What is to be done.
   *
   * @param org as it was when the step was taken up
   * @param generation of the org, for which it is done
   */
  record Order(Org org, long generation, OrgStep step) {
    /** Names the order: the same for every attempt. */
    public String key() {
      return org.id() + ":" + generation + ":" + step.wireName();
    }
  }

  /**
   * Makes sure that what the step stands for is there.
   *
   * @return completes when it is; fails with {@link Refused} when trying again is of no use, with
   *     anything else when it may be
   */
  Future<Void> provision(Order order);

  /**
   * Makes sure that what the step stands for is not there, whether it ever was.
   *
   * @return completes when it is not; fails when that could not be established
   */
  Future<Void> release(Order order);

  /** The step cannot be done, however often it is tried. The message is shown to the partner. */
  final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A refusal for that reason, which names no secret. */
    public Refused(String reason) {
      super(reason, null, false, false);
    }
  }
}
