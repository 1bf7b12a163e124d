package ai.molecule.edge.controlplane.webhooks;

import static ai.molecule.edge.controlplane.webhooks.WebhookRows.instant;

import ai.molecule.edge.controlplane.audit.AuditLog;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.Page;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What callers see of deliveries, reached through their webhook. On the control pool; safe on any
 * thread. Everything fails with {@code not_found} when there is no such webhook within reach, and
 * with {@code store_unavailable} when Postgres cannot serve in time.
 */
public final class DeliveryStore {
  private static final String SELECT =
      """
      SELECT d.id, d.webhook_id, d.event_id, d.status, d.attempts, d.history, d.due_at,
             d.created_at, d.ended_at, e.body
        FROM webhook_deliveries d JOIN events e ON e.id = d.event_id
      """;

  // Index: the primary key. One that somebody is at is as good as replayed.
  private static final String REPLAY =
      """
      UPDATE webhook_deliveries
         SET status = 'pending', ended_at = NULL, claim = NULL, tries = 0,
             due_at = clock_timestamp()
       WHERE id = $1 AND webhook_id = $2 AND (claim IS NULL OR due_at <= clock_timestamp())
      """;

  private final PostgresPools pools;
  private final WebhookStore webhooks;

  /** The deliveries behind {@code pools}. */
  public DeliveryStore(PostgresPools pools, WebhookStore webhooks) {
    this.pools = pools;
    this.webhooks = webhooks;
  }

  /** One page of a webhook's deliveries, newest first; of one status when it is not null. */
  public Future<Page<Delivery>> list(
      Reach reach, UUID webhook, Delivery.@Nullable Status status, PageRequest page) {
    return webhooks
        .get(reach, webhook)
        .compose(
            found -> {
              Selection reads = page(webhook, status, page);
              return pools.query(pools.control(), reads.sql(), reads.parameters());
            })
        .map(
            rows -> {
              List<Delivery> deliveries = new ArrayList<>(rows.size());
              rows.forEach(row -> deliveries.add(read(row)));
              return Page.cut(deliveries, page, last -> new Cursor(last.createdAt(), last.id()));
            });
  }

  /** Index: webhook_deliveries_newest, or webhook_deliveries_of_status. */
  private static Selection page(UUID webhook, Delivery.@Nullable Status status, PageRequest page) {
    return Selection.of(SELECT + " WHERE true")
        .and("d.webhook_id = ", webhook)
        .andIfGiven("d.status = ", status == null ? null : status.wireName())
        .newestFirst("d.created_at", "d.id", page);
  }

  /**
   * Has a delivery tried again from the beginning of the schedule, at once, whatever became of it
   * before. The receiver sees the same {@code webhook-id}.
   *
   * @return the delivery as it is now; fails with {@code wrong_state} when the webhook is disabled
   */
  public Future<Delivery> replay(Reach reach, UUID webhook, UUID id, AuditContext context) {
    return pools.transaction(
        pools.control(),
        connection ->
            WebhookStore.locked(connection, reach, webhook, " FOR NO KEY UPDATE")
                .compose(
                    found ->
                        one(connection, webhook, id)
                            .compose(before -> replay(connection, found, before, context))));
  }

  private static Future<Delivery> replay(
      SqlConnection connection, Webhook webhook, Delivery before, AuditContext context) {
    if (webhook.disabledAt() != null) {
      throw Problem.of(
          ProblemCode.WRONG_STATE, "The webhook's receiver said 410 Gone: make a new webhook.");
    }
    JsonObject changes =
        AuditLog.change("status", before.status().wireName(), Delivery.Status.PENDING.wireName());
    return connection
        .preparedQuery(REPLAY)
        .execute(Tuple.of(before.id(), webhook.id()))
        .compose(
            replayed -> WebhookAudit.ofDelivery(connection, context, webhook, before.id(), changes))
        .compose(audited -> one(connection, webhook.id(), before.id()));
  }

  private static Future<Delivery> one(SqlConnection connection, UUID webhook, UUID id) {
    return connection
        .preparedQuery(SELECT + " WHERE d.webhook_id = $1 AND d.id = $2")
        .execute(Tuple.of(webhook, id))
        .map(DeliveryStore::first);
  }

  private static Delivery first(RowSet<Row> rows) {
    if (rows.size() == 0) {
      throw Problem.of(ProblemCode.NOT_FOUND);
    }
    return read(rows.iterator().next());
  }

  private static Delivery read(Row row) {
    Delivery.Status status = Delivery.Status.ofWireName(row.getString("status")).orElseThrow();
    return new Delivery(
        row.getUUID("id"),
        row.getUUID("webhook_id"),
        row.getUUID("event_id"),
        new JsonObject(row.getString("body")),
        status,
        row.getInteger("attempts"),
        row.getJsonArray("history"),
        status == Delivery.Status.PENDING ? instant(row, "due_at") : null,
        row.getOffsetDateTime("created_at").toInstant(),
        instant(row, "ended_at"));
  }
}
