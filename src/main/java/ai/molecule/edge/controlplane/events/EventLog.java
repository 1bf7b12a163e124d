package ai.molecule.edge.controlplane.events;

import ai.molecule.edge.credential.Ids;
import ai.molecule.edge.credential.KeyJson;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The one way by which events come to be. Stateless. */
public final class EventLog {
  /** Stands for every type in what a webhook wants. */
  public static final String EVERY_TYPE = "*";

  // Index: webhooks_of_partner. The lock makes it wait for a webhook that is being deleted, and
  // then do without it; it does not hold up deliveries.
  static final String APPEND =
      """
      WITH event AS (
        INSERT INTO events (id, partner_id, org_id, type, at, body)
        VALUES ($1, $2, $3, $4, $5, $6))
      INSERT INTO webhook_deliveries (webhook_id, event_id)
      SELECT w.id, $1
        FROM webhooks w
       WHERE w.partner_id = $2 AND (w.org_id IS NULL OR w.org_id = $3)
         AND w.disabled_at IS NULL AND w.events && ARRAY[$4, $7]::text[]
         FOR KEY SHARE OF w
      """;

  private EventLog() {}

  /**
   * Writes an event and a delivery for each webhook that wants it, as a part of the caller's
   * transaction. Receivers get {@code {"type", "timestamp", "data"}} as Standard Webhooks has it.
   *
   * @param connection of the transaction of what the event tells
   * @param partnerId whose webhooks may be told
   * @param orgId the org it is about, so that the webhooks of other orgs are not; null when it is
   *     about none
   * @param data the members of that type, small and without secrets
   * @param at when it happened
   * @return the event's id, the same in every delivery of it
   */
  public static Future<UUID> append(
      SqlClient connection,
      String partnerId,
      @Nullable UUID orgId,
      EventType type,
      JsonObject data,
      Instant at) {
    UUID id = Ids.next();
    String body =
        new JsonObject()
            .put("type", type.wireName())
            .put("timestamp", KeyJson.timestamp(at))
            .put("data", data)
            .encode();
    return connection
        .preparedQuery(APPEND)
        .execute(
            Tuple.tuple()
                .addUUID(id)
                .addString(partnerId)
                .addUUID(orgId)
                .addString(type.wireName())
                .addOffsetDateTime(at.atOffset(ZoneOffset.UTC))
                .addString(body)
                .addString(EVERY_TYPE))
        .map(id);
  }
}
