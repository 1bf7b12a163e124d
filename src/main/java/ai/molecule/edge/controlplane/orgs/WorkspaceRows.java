package ai.molecule.edge.controlplane.orgs;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Workspaces from rows, and the statements that several classes share. Stateless. */
final class WorkspaceRows {
  /**
   * What a workspace is told to do. It stops when its org goes, whatever the org wanted before; it
   * pauses while its org is suspended, unless it is to stop.
   */
  static final String STATE =
      """
      CASE WHEN o.status IN ('deleting', 'deleted') OR w.desired_state = 'stop' THEN 'stop'
           WHEN o.status = 'suspended' THEN 'pause'
           ELSE w.desired_state END
      """;

  /** Living workspaces with their last heartbeat; by Postgres' clock, the same for every node. */
  static final String SELECT =
      "SELECT w.id, w.org_id, o.partner_id, w.name, w.runtime, w.is_default, w.agent_card,"
          + " w.created_at, h.at, h.current_task, h.active_tasks, coalesce(h.at > clock_timestamp()"
          + (" - interval '" + Workspace.OFFLINE_AFTER_SECONDS + " seconds', false) AS online, ")
          + STATE
          + """
             AS state
            FROM workspaces w
            JOIN orgs o ON o.id = w.org_id
            LEFT JOIN workspace_heartbeats h ON h.workspace_id = w.id
           WHERE w.deleted_at IS NULL
          """;

  // Index: the primary key of workspaces, or workspaces_living for an org with few.
  static final String ONE = SELECT + " AND w.org_id = $1 AND w.id = $2";

  // Index: workspaces_living.
  private static final String ALL_GONE =
      """
      WITH gone AS (
        UPDATE workspaces SET deleted_at = greatest(clock_timestamp(), created_at)
         WHERE org_id = $1 AND deleted_at IS NULL RETURNING id)
      DELETE FROM workspace_heartbeats h USING gone WHERE h.workspace_id = gone.id
      """;

  private WorkspaceRows() {}

  /** The org is going: its workspaces end now, and their metering with them. */
  static Future<Void> allGone(SqlConnection connection, UUID orgId) {
    return connection.preparedQuery(ALL_GONE).execute(Tuple.of(orgId)).mapEmpty();
  }

  static List<Workspace> all(RowSet<Row> rows) {
    List<Workspace> workspaces = new ArrayList<>(rows.size());
    rows.forEach(row -> workspaces.add(read(row)));
    return workspaces;
  }

  static Optional<Workspace> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(read(rows.iterator().next()));
  }

  private static Workspace read(Row row) {
    Instant at = OrgRows.instant(row, "at");
    return new Workspace(
        row.getUUID("id"),
        row.getUUID("org_id"),
        row.getString("partner_id"),
        row.getString("name"),
        row.getString("runtime"),
        row.getBoolean("is_default"),
        row.getJsonObject("agent_card"),
        row.getString("state"),
        row.getBoolean("online"),
        at == null
            ? null
            : new Workspace.Heartbeat(
                at, row.getString("current_task"), row.getInteger("active_tasks")),
        row.getOffsetDateTime("created_at").toInstant());
  }
}
