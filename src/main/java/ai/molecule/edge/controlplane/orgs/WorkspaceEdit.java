package ai.molecule.edge.controlplane.orgs;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** A change of what can change of a workspace, as a pure function. */
@FunctionalInterface
public interface WorkspaceEdit {
  /** The fields after the change; the same when there is nothing to change. */
  Fields apply(Fields current);

  /**
   * What can change of a workspace.
   *
   * @param state what its org wants of it, whatever the org's own status
   */
  record Fields(String name, @Nullable JsonObject agentCard, String state) {}
}
