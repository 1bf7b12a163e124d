package ai.molecule.edge.controlplane.orgs;

import java.util.List;

/**
 * One kind of rows that the edge holds of an org.
 *
 * @param type what the lines say they are
 * @param table the table that the rows stand in
 * @param withheld its columns that are secrets or hashes of such
 * @param where which rows of the table, called {@code t}, and in which order; {@code $1} is the org
 */
record ExportSection(String type, String table, List<String> withheld, String where) {
  /** Everything, in the order of an export. Each is found by an index on the org. */
  static final List<ExportSection> ALL =
      List.of(
          whole("org", "orgs", "id = $1"),
          whole("step", "org_steps", "org_id = $1 ORDER BY generation, position"),
          whole("resource", "org_resources", "org_id = $1 ORDER BY kind"),
          whole("member", "org_members", "org_id = $1 ORDER BY created_at, id"),
          new ExportSection(
              "key",
              "partner_keys",
              List.of("hash", "root_hash"),
              "org_id = $1 ORDER BY created_at, id"),
          whole(
              "key_last_used",
              "key_last_used",
              "key_id IN (SELECT id FROM partner_keys WHERE org_id = $1)"),
          whole("workspace", "workspaces", "org_id = $1 ORDER BY created_at, id"),
          whole(
              "workspace_heartbeat",
              "workspace_heartbeats",
              "workspace_id IN (SELECT id FROM workspaces WHERE org_id = $1)"),
          new ExportSection(
              "webhook", "webhooks", List.of("secret"), "org_id = $1 ORDER BY created_at, id"),
          whole("event", "events", "org_id = $1 ORDER BY at, id"),
          whole(
              "webhook_delivery",
              "webhook_deliveries",
              "event_id IN (SELECT id FROM events WHERE org_id = $1) ORDER BY created_at, id"),
          whole("usage_account", "usage_accounts", "org_id = $1"),
          whole("usage_level", "usage_levels", "org_id = $1 ORDER BY at"),
          whole("usage_calls", "usage_calls", "org_id = $1 ORDER BY hour, key_id"),
          whole("usage_hour", "usage_hours", "org_id = $1 ORDER BY hour"),
          whole("audit", "audit_log", "org_id = $1 ORDER BY at, id"));

  private static ExportSection whole(String type, String table, String where) {
    return new ExportSection(type, table, List.of(), where);
  }

  /** One line a row: {@code {"type": …, "data": {column: value}}}. */
  String sql() {
    StringBuilder data = new StringBuilder("to_jsonb(t)");
    withheld.forEach(column -> data.append(" - '").append(column).append('\''));
    return "SELECT '{\"type\":\""
        + type
        + "\",\"data\":' || ("
        + data
        + ")::text || '}' FROM "
        + table
        + " t WHERE "
        + where;
  }
}
