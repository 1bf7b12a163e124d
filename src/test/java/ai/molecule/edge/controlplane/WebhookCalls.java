package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.ok;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Webhooks and their deliveries, as tests make them. */
final class WebhookCalls {
  static final String PATH = "/cp/webhooks";
  static final String URL = "https://hooks.acme.example/x?token=t0ken";

  private WebhookCalls() {}

  /** The body of a webhook's creation. */
  static JsonObject body(String url, String... events) {
    return new JsonObject().put("url", url).put("events", new JsonArray(List.of(events)));
  }

  /** The webhook that this caller makes of that body. */
  static JsonObject made(ControlPlaneUnderTest edge, String credential, JsonObject body) {
    HttpResponse<String> answer = edge.post(PATH, credential, body);
    return ok(answer, 201);
  }

  /** A key of that partner, or of one of its orgs, with those scopes and no limit to speak of. */
  static String key(
      ControlPlaneUnderTest edge, String partner, @Nullable UUID org, String... scopes) {
    JsonObject body =
        ControlPlaneUnderTest.body(scopes).put("partner_id", partner).put("rate_limit", 1_000_000);
    return edge.created(org == null ? body : body.put("org_id", org.toString())).getString("key");
  }

  /** A delivery of that webhook, put there by hand. */
  static String delivery(ControlPlaneUnderTest edge, JsonObject webhook, String status) {
    UUID event = UUID.randomUUID();
    edge.query(
        """
        INSERT INTO events (id, partner_id, type, at, body)
        VALUES ($1, $2, 'org.created', now(), '{"type":"org.created","timestamp":"t","data":{}}')
        """,
        event,
        webhook.getString("partner_id"));
    return edge.query(
            """
            INSERT INTO webhook_deliveries (webhook_id, event_id, status, ended_at)
            VALUES ($1, $2, $3, CASE WHEN $3 <> 'pending' THEN now() END) RETURNING id
            """,
            UUID.fromString(webhook.getString("id")),
            event,
            status)
        .iterator()
        .next()
        .getUUID(0)
        .toString();
  }
}
