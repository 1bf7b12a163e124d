package ai.molecule.edge.controlplane;

import static ai.molecule.edge.credential.KeyJson.timestamp;

import ai.molecule.edge.controlplane.webhooks.Delivery;
import ai.molecule.edge.controlplane.webhooks.Webhook;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** What callers see of webhooks and their deliveries. Stateless. */
final class WebhookJson {
  private WebhookJson() {}

  /** The webhook object, without its secret. */
  static JsonObject of(Webhook webhook) {
    return new JsonObject()
        .put("id", webhook.id().toString())
        .put("partner_id", webhook.partnerId())
        .put("org_id", webhook.orgId() == null ? null : webhook.orgId().toString())
        .put("url", webhook.url())
        .put("events", new JsonArray(webhook.events()))
        .put("status", webhook.disabledAt() == null ? "enabled" : "disabled")
        .put("created_by", webhook.createdBy())
        .put("created_at", timestamp(webhook.createdAt()))
        .put("disabled_at", timestamp(webhook.disabledAt()));
  }

  /** The delivery object; {@code event_id} is what the receiver sees as {@code webhook-id}. */
  static JsonObject of(Delivery delivery) {
    return new JsonObject()
        .put("id", delivery.id().toString())
        .put("webhook_id", delivery.webhookId().toString())
        .put("event_id", delivery.eventId().toString())
        .put("event", delivery.event())
        .put("status", delivery.status().wireName())
        .put("attempts", delivery.attempts())
        .put("last_attempts", delivery.history())
        .put("next_attempt_at", timestamp(delivery.nextAttemptAt()))
        .put("created_at", timestamp(delivery.createdAt()))
        .put("ended_at", timestamp(delivery.endedAt()));
  }
}
