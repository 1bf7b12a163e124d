package ai.molecule.edge.credential;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/** The audit rows of changes to keys; those of new keys are written with them. Stateless. */
final class KeyAudit {
  private static final String INSERT =
      """
      INSERT INTO audit_log (id, actor_type, actor_id, action, target_type, target_id, partner_id,
                             org_id, request_id, changes)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """;

  private KeyAudit() {}

  /** Writes the row of a change of {@code key}. */
  static Future<?> write(
      SqlConnection connection, AuditContext context, KeyRecord key, JsonObject changes) {
    return connection
        .preparedQuery(INSERT)
        .execute(
            Tuple.tuple()
                .addUUID(Ids.next())
                .addString(context.actor().type())
                .addString(context.actor().id())
                .addString(context.action())
                .addString(targetType(key))
                .addString(key.id().toString())
                .addString(key.partnerId())
                .addUUID(key.orgId())
                .addString(context.requestId())
                .addJsonObject(changes));
  }

  /** What the audit log calls it. */
  static String targetType(KeyRecord key) {
    return key.workspaceId() == null ? "partner_key" : "workspace_token";
  }
}
