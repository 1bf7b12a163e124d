package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Ids;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The audit rows of orgs, written in the transaction of what they tell. Stateless. */
public final class OrgAudit {
  private static final String INSERT =
      """
      INSERT INTO audit_log (id, actor_type, actor_id, action, target_type, target_id, partner_id,
                             org_id, request_id, changes)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """;

  private OrgAudit() {}

  /** A change of the org itself. */
  public static Future<Void> ofOrg(
      SqlClient connection, AuditContext context, Org org, JsonObject changes) {
    return row(connection, context, org, "org", org.id(), changes);
  }

  /** A change of one of its members. */
  static Future<Void> ofMember(
      SqlClient connection, AuditContext context, Org org, UUID member, JsonObject changes) {
    return row(connection, context, org, "org_member", member, changes);
  }

  /** A change of one of its workspaces. */
  static Future<Void> ofWorkspace(
      SqlClient connection, AuditContext context, Org org, UUID workspace, JsonObject changes) {
    return row(connection, context, org, "workspace", workspace, changes);
  }

  /** One changed member: {@code {"name": {"from": …, "to": …}}}. */
  public static JsonObject change(String name, @Nullable Object from, @Nullable Object to) {
    return new JsonObject().put(name, new JsonObject().put("from", from).put("to", to));
  }

  /** The members of a new org. */
  static JsonObject created(Org org) {
    return difference(new JsonObject(), members(org, OrgFields.of(org)));
  }

  /** The members that differ. */
  static JsonObject edited(Org org, OrgFields after) {
    return difference(members(org, OrgFields.of(org)), members(org, after));
  }

  /** The members that differ between two objects. */
  static JsonObject difference(JsonObject before, JsonObject after) {
    JsonObject changes = new JsonObject();
    after.forEach(
        member -> {
          Object from = before.getValue(member.getKey());
          if (!Objects.equals(from, member.getValue())) {
            changes.mergeIn(change(member.getKey(), from, member.getValue()));
          }
        });
    return changes;
  }

  private static JsonObject members(Org org, OrgFields fields) {
    JsonObject metadata = new JsonObject();
    fields.metadata().forEach(metadata::put);
    return new JsonObject()
        .put("slug", org.slug())
        .put("partner_id", org.partnerId())
        .put("external_id", org.externalId())
        .put("ephemeral", org.ephemeral())
        .put("ttl_seconds", org.ttlSeconds())
        .put("name", fields.name())
        .put("plan", fields.plan().wireName())
        .put("seats", fields.seats())
        .put("branding", fields.branding().toJson())
        .put("metadata", metadata);
  }

  private static Future<Void> row(
      SqlClient connection,
      AuditContext context,
      Org org,
      String targetType,
      UUID target,
      JsonObject changes) {
    return connection
        .preparedQuery(INSERT)
        .execute(
            Tuple.of(
                Ids.next(),
                context.actor().type(),
                context.actor().id(),
                context.action(),
                targetType,
                target.toString(),
                org.partnerId(),
                org.id(),
                context.requestId(),
                changes))
        .mapEmpty();
  }
}
