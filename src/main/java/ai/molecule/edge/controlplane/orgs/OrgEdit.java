package ai.molecule.edge.controlplane.orgs;

/** A change of one org, as a pure function: it may run again when the transaction has to. */
@FunctionalInterface
public interface OrgEdit {
  /**
   * The fields after the change.
   *
   * @throws ai.molecule.edge.problem.Problem to refuse
   */
  OrgFields apply(OrgFields current);
}
