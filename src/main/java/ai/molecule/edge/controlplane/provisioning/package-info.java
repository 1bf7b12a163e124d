/**
 * Bringing orgs up and taking them down: durable jobs, one a step.
 *
 * <p>{@link ai.molecule.edge.controlplane.provisioning.OrgJobs} runs the jobs of this node on a
 * scheduler that keeps them in Postgres, on virtual threads, never on an event loop. {@link
 * ai.molecule.edge.controlplane.provisioning.StepMachine} does one step: it takes it up, has a
 * {@link ai.molecule.edge.controlplane.provisioning.Provisioner} do it, and finishes it under the
 * org's lock, unless the org has moved on to another generation meanwhile; then what was made is
 * taken back. Every step may be done again at any time, by any node, and after a crash at any point
 * is. Several nodes run all of this at once.
 *
 * <p>Safe on any thread. A step that fails is tried again, ever less often, and the org fails when
 * its tries are used up. Without Postgres nothing is begun, and what was under way is done again.
 */
@NullMarked
package ai.molecule.edge.controlplane.provisioning;

import org.jspecify.annotations.NullMarked;
