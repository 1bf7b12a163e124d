package ai.molecule.edge.controlplane.orgs;

/**
 * How many workspaces an org may have, by its plan, and tokens a workspace. Immutable.
 *
 * @param free workspaces on that plan; {@value #UNLIMITED} for any number
 * @param starter likewise
 * @param pro likewise
 * @param enterprise likewise
 * @param tokensMax living tokens of a workspace
 */
public record WorkspaceQuota(int free, int starter, int pro, int enterprise, int tokensMax) {
  /** Stands for any number of workspaces. */
  public static final int UNLIMITED = 0;

  /** Workspaces on that plan. */
  public int of(Plan plan) {
    return switch (plan) {
      case FREE -> free;
      case STARTER -> starter;
      case PRO -> pro;
      case ENTERPRISE -> enterprise;
    };
  }
}
