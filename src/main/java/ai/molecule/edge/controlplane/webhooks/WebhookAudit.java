package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Ids;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The audit rows of webhooks, written in the transaction of what they tell. Stateless. */
final class WebhookAudit {
  private static final String INSERT =
      """
      INSERT INTO audit_log (id, actor_type, actor_id, action, target_type, target_id, partner_id,
                             org_id, request_id, changes)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """;

  private WebhookAudit() {}

  static Future<Void> ofWebhook(
      SqlClient connection, AuditContext context, Webhook webhook, JsonObject changes) {
    return row(connection, context, webhook, "webhook", webhook.id(), changes);
  }

  static Future<Void> ofDelivery(
      SqlClient connection,
      AuditContext context,
      Webhook webhook,
      UUID delivery,
      JsonObject changes) {
    return row(connection, context, webhook, "webhook_delivery", delivery, changes);
  }

  /** What is there of it: not its path and query, which may hold a secret of the receiver's. */
  static JsonObject created(Webhook webhook) {
    String origin = Target.parse(webhook.url()).map(Target::origin).orElse("");
    return change("url", null, origin).mergeIn(change("events", null, webhook.events()));
  }

  /** What was there of it. */
  static JsonObject deleted(Webhook webhook) {
    String origin = Target.parse(webhook.url()).map(Target::origin).orElse("");
    return change("url", origin, null).mergeIn(change("events", webhook.events(), null));
  }

  static JsonObject change(String name, @Nullable Object from, @Nullable Object to) {
    return new JsonObject().put(name, new JsonObject().put("from", from).put("to", to));
  }

  private static Future<Void> row(
      SqlClient connection,
      AuditContext context,
      Webhook webhook,
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
                webhook.partnerId(),
                webhook.orgId(),
                context.requestId(),
                changes))
        .mapEmpty();
  }
}
