package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.controlplane.audit.AuditLog;
import ai.molecule.edge.credential.AuditContext;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.util.UUID;

/** The audit rows of orgs, written in the transaction of what they tell. Stateless. */
public final class OrgAudit {
  private OrgAudit() {}

  /** A change of the org itself. */
  public static Future<Void> ofOrg(
      SqlClient connection, AuditContext context, Org org, JsonObject changes) {
    return AuditLog.write(connection, context, target("org", org.id(), org), changes);
  }

  /** A change of one of its members. */
  static Future<Void> ofMember(
      SqlClient connection, AuditContext context, Org org, UUID member, JsonObject changes) {
    return AuditLog.write(connection, context, target("org_member", member, org), changes);
  }

  /** A change of one of its workspaces. */
  static Future<Void> ofWorkspace(
      SqlClient connection, AuditContext context, Org org, UUID workspace, JsonObject changes) {
    return AuditLog.write(connection, context, target("workspace", workspace, org), changes);
  }

  /** The members of a new org. */
  static JsonObject created(Org org) {
    return AuditLog.difference(new JsonObject(), members(org, OrgFields.of(org)));
  }

  /** The members that differ. */
  static JsonObject edited(Org org, OrgFields after) {
    return AuditLog.difference(members(org, OrgFields.of(org)), members(org, after));
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

  private static AuditLog.Target target(String type, UUID id, Org org) {
    return new AuditLog.Target(type, id, org.partnerId(), org.id());
  }
}
