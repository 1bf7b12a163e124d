package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.controlplane.audit.AuditLog;
import ai.molecule.edge.credential.AuditContext;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.util.UUID;

/** The audit rows of webhooks, written in the transaction of what they tell. Stateless. */
final class WebhookAudit {
  private WebhookAudit() {}

  static Future<Void> ofWebhook(
      SqlClient connection, AuditContext context, Webhook webhook, JsonObject changes) {
    return AuditLog.write(connection, context, target("webhook", webhook.id(), webhook), changes);
  }

  static Future<Void> ofDelivery(
      SqlClient connection,
      AuditContext context,
      Webhook webhook,
      UUID delivery,
      JsonObject changes) {
    return AuditLog.write(
        connection, context, target("webhook_delivery", delivery, webhook), changes);
  }

  /** What is there of it: not its path and query, which may hold a secret of the receiver's. */
  static JsonObject created(Webhook webhook) {
    String origin = Target.parse(webhook.url()).map(Target::origin).orElse("");
    return AuditLog.change("url", null, origin)
        .mergeIn(AuditLog.change("events", null, webhook.events()));
  }

  /** What was there of it. */
  static JsonObject deleted(Webhook webhook) {
    String origin = Target.parse(webhook.url()).map(Target::origin).orElse("");
    return AuditLog.change("url", origin, null)
        .mergeIn(AuditLog.change("events", webhook.events(), null));
  }

  private static AuditLog.Target target(String type, UUID id, Webhook webhook) {
    return new AuditLog.Target(type, id, webhook.partnerId(), webhook.orgId());
  }
}
