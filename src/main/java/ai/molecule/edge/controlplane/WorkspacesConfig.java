package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.WorkspaceQuota;
import ai.molecule.edge.ratelimit.Limit;

/**
 * How many workspaces there may be and how often they may call. Immutable.
 *
 * @param quota workspaces of an org by its plan, and tokens of a workspace
 * @param tokenLimit of each workspace token made from now on
 * @param heartbeatsWaitingMax workspaces whose heartbeats may wait to be written, per event loop
 */
public record WorkspacesConfig(WorkspaceQuota quota, Limit tokenLimit, int heartbeatsWaitingMax) {
  /** The shipped settings. */
  public static WorkspacesConfig defaults() {
    return new WorkspacesConfig(
        new WorkspaceQuota(3, 10, WorkspaceQuota.UNLIMITED, WorkspaceQuota.UNLIMITED, 10),
        new Limit(600, 100),
        10_000);
  }
}
