package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.controlplane.audit.AuditLog;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The parts that transactions on workspaces are made of. Each is to be run within one, on its
 * connection, with the org locked. Stateless.
 */
final class WorkspaceWrites {
  private static final String INSERT =
      """
      INSERT INTO workspaces (id, org_id, name, runtime, agent_card, created_by)
      VALUES ($1, $2, $3, $4, $5, $6)
      """;

  // Index: the primary key.
  private static final String UPDATE =
      """
      UPDATE workspaces SET name = $3, agent_card = $4, desired_state = $5
       WHERE org_id = $1 AND id = $2
      """;

  // Index: the primary key.
  private static final String LOCK =
      """
      SELECT name, agent_card, desired_state, deleted_at FROM workspaces
       WHERE org_id = $1 AND id = $2 FOR UPDATE
      """;

  // Index: the primary keys.
  private static final String DELETE =
      """
      WITH gone AS (
        UPDATE workspaces SET deleted_at = greatest(clock_timestamp(), created_at)
         WHERE org_id = $1 AND id = $2 RETURNING id)
      DELETE FROM workspace_heartbeats h USING gone WHERE h.workspace_id = gone.id
      """;

  private WorkspaceWrites() {}

  /**
   * A locked workspace, living or gone.
   *
   * @param fields what can change of it
   */
  record Locked(UUID id, WorkspaceEdit.Fields fields, boolean gone) {}

  /** The workspace, living or gone, locked; fails with {@code not_found} when there never was. */
  static Future<Locked> lockedOrGone(SqlConnection connection, Org org, UUID id) {
    return connection
        .preparedQuery(LOCK)
        .execute(Tuple.of(org.id(), id))
        .map(rows -> locked(id, first(rows)));
  }

  private static Locked locked(UUID id, @Nullable Row row) {
    if (row == null) {
      throw Problem.of(ProblemCode.NOT_FOUND);
    }
    WorkspaceEdit.Fields fields =
        new WorkspaceEdit.Fields(
            row.getString("name"), row.getJsonObject("agent_card"), row.getString("desired_state"));
    return new Locked(id, fields, row.getOffsetDateTime("deleted_at") != null);
  }

  private static @Nullable Row first(RowSet<Row> rows) {
    return rows.size() == 0 ? null : rows.iterator().next();
  }

  /** The living workspace, locked; fails with {@code not_found} when there is none. */
  static Future<Locked> locked(SqlConnection connection, Org org, UUID id) {
    return lockedOrGone(connection, org, id)
        .map(
            found -> {
              if (found.gone()) {
                throw Problem.of(ProblemCode.NOT_FOUND);
              }
              return found;
            });
  }

  /** The living workspace as the transaction has left it. */
  static Future<Workspace> read(SqlConnection connection, Org org, UUID id) {
    return connection
        .preparedQuery(WorkspaceRows.ONE)
        .execute(Tuple.of(org.id(), id))
        .map(rows -> WorkspaceRows.first(rows).orElseThrow());
  }

  /** Adds a workspace; answers its org. */
  static Future<Org> insert(
      SqlConnection connection, Org org, NewWorkspace workspace, AuditContext context) {
    Tuple row =
        Tuple.tuple()
            .addUUID(workspace.id())
            .addUUID(org.id())
            .addString(workspace.name())
            .addString(Workspace.EXTERNAL)
            .addJsonObject(workspace.agentCard())
            .addString(context.actor().id());
    JsonObject changes =
        AuditLog.change("name", null, workspace.name())
            .mergeIn(AuditLog.change("runtime", null, Workspace.EXTERNAL))
            .mergeIn(AuditLog.change("agent_card", null, workspace.agentCard()));
    return connection
        .preparedQuery(INSERT)
        .execute(row)
        .compose(done -> OrgAudit.ofWorkspace(connection, context, org, workspace.id(), changes))
        .map(org);
  }

  /** Changes what {@code edit} changes of a locked workspace; nothing leaves no trace. */
  static Future<Void> update(
      SqlConnection connection, Org org, Locked found, WorkspaceEdit edit, AuditContext context) {
    WorkspaceEdit.Fields before = found.fields();
    WorkspaceEdit.Fields after = edit.apply(before);
    if (after.equals(before)) {
      return Future.succeededFuture();
    }
    Tuple changed =
        Tuple.tuple()
            .addUUID(org.id())
            .addUUID(found.id())
            .addString(after.name())
            .addJsonObject(after.agentCard())
            .addString(after.state());
    JsonObject changes = AuditLog.difference(json(before), json(after));
    return connection
        .preparedQuery(UPDATE)
        .execute(changed)
        .compose(done -> OrgAudit.ofWorkspace(connection, context, org, found.id(), changes));
  }

  private static JsonObject json(WorkspaceEdit.Fields fields) {
    return new JsonObject()
        .put("name", fields.name())
        .put("agent_card", fields.agentCard())
        .put("state", fields.state());
  }

  /** Ends a locked workspace, and with it its metering; its tokens are the caller's. */
  static Future<Void> delete(
      SqlConnection connection, Org org, Locked found, AuditContext context) {
    JsonObject changes = AuditLog.change("name", found.fields().name(), null);
    return connection
        .preparedQuery(DELETE)
        .execute(Tuple.of(org.id(), found.id()))
        .compose(gone -> OrgAudit.ofWorkspace(connection, context, org, found.id(), changes));
  }
}
