package ai.molecule.edge.controlplane;

import static ai.molecule.edge.credential.KeyJson.timestamp;

import ai.molecule.edge.controlplane.orgs.Workspace;
import ai.molecule.edge.credential.KeyRecord;
import io.vertx.core.json.JsonObject;

/** What callers see of workspaces and their tokens: the HTTP contract, section 7. Stateless. */
final class WorkspaceJson {
  private WorkspaceJson() {}

  /** The workspace object. */
  static JsonObject of(Workspace workspace) {
    return new JsonObject()
        .put("id", workspace.id().toString())
        .put("org_id", workspace.orgId().toString())
        .put("name", workspace.name())
        .put("runtime", workspace.runtime())
        .put("is_default", workspace.isDefault())
        .put("agent_card", workspace.agentCard())
        .put("created_at", timestamp(workspace.createdAt()))
        .mergeIn(state(workspace));
  }

  /** What a workspace is to do, and how it was last heard of. */
  static JsonObject state(Workspace workspace) {
    Workspace.Heartbeat heartbeat = workspace.heartbeat();
    return new JsonObject()
        .put("id", workspace.id().toString())
        .put("state", workspace.state())
        .put("status", workspace.online() ? "online" : "offline")
        .put("current_task", heartbeat == null ? null : heartbeat.currentTask())
        .put("active_tasks", heartbeat == null ? 0 : heartbeat.activeTasks())
        .put("last_heartbeat_at", timestamp(heartbeat == null ? null : heartbeat.at()));
  }

  /** The token object, without its secret. */
  static JsonObject of(KeyRecord token) {
    return new JsonObject()
        .put("id", token.id().toString())
        .put("workspace_id", String.valueOf(token.workspaceId()))
        .put("prefix", token.prefix())
        .put("last4", token.last4())
        .put("created_by", token.createdBy())
        .put("created_at", timestamp(token.createdAt()))
        .put("last_used_at", timestamp(token.lastUsedAt()));
  }
}
