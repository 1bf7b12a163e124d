package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.controlplane.audit.AuditLog;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is due, and the right to attempt it.
 *
 * <p>Invariant: of one delivery there is at most one live claim, and of one webhook at most {@code
 * perWebhookMax}, or one while its receiver fails; so one dead receiver cannot hold up the others.
 * A claim moves {@code due_at} to the end of its lease, so whoever dies with it gives it back.
 * Times are Postgres's alone. On the control pool; safe on any thread.
 */
public final class DeliveryQueue {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryQueue.class);

  /** Attempts that are remembered of one delivery. */
  static final int HISTORY_MAX = 10;

  private static final AuditContext GONE = AuditContext.ofEdge("webhook.disabled");

  /**
   * The webhooks that have something due and that this node can serve, locked so that claims on one
   * webhook are counted one after the other; an event being written does not wait for this. Index:
   * webhook_deliveries_due, from webhook to webhook, whatever the backlog of each is.
   */
  static final String WEBHOOKS =
      """
      WITH RECURSIVE waiting (id) AS (
        (SELECT webhook_id FROM webhook_deliveries WHERE status = 'pending'
          ORDER BY webhook_id LIMIT 1)
        UNION ALL
        SELECT (SELECT d.webhook_id FROM webhook_deliveries d
                 WHERE d.status = 'pending' AND d.webhook_id > waiting.id
                 ORDER BY d.webhook_id LIMIT 1)
          FROM waiting WHERE waiting.id IS NOT NULL)
      SELECT w.id, w.failures > 0 AS failing FROM webhooks w
       WHERE w.id IN (SELECT id FROM waiting)
         AND w.disabled_at IS NULL AND w.sealed_under = $1 AND (NOT w.local OR $2)
         AND (SELECT d.due_at FROM webhook_deliveries d
               WHERE d.webhook_id = w.id AND d.status = 'pending'
               ORDER BY d.due_at LIMIT 1) <= statement_timestamp()
       FOR NO KEY UPDATE SKIP LOCKED
      """;

  // Index: webhook_deliveries_due.
  static final String CLAIM =
      """
      UPDATE webhook_deliveries d
         SET claim = gen_random_uuid(), attempts = d.attempts + 1, tries = d.tries + 1,
             due_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
        FROM (SELECT due.id
                FROM unnest($1::uuid[], $2::int[]) AS w (id, at_once)
               CROSS JOIN LATERAL (
                 SELECT p.id, p.due_at FROM webhook_deliveries p
                  WHERE p.webhook_id = w.id AND p.status = 'pending'
                    AND p.due_at <= statement_timestamp()
                  ORDER BY p.due_at
                  LIMIT greatest(0, w.at_once - (
                    SELECT count(*) FROM webhook_deliveries c
                     WHERE c.webhook_id = w.id AND c.status = 'pending'
                       AND c.claim IS NOT NULL AND c.due_at > statement_timestamp()))
                    FOR UPDATE SKIP LOCKED) due
               ORDER BY due.due_at LIMIT $4) AS taken,
             webhooks w, events e
       WHERE d.id = taken.id AND w.id = d.webhook_id AND e.id = d.event_id
      RETURNING d.id, d.claim, d.webhook_id, d.event_id, d.tries, w.url, w.secret, e.body
      """;

  // Index: the primary key.
  private static final String WORKS =
      "UPDATE webhooks SET failures = 0 WHERE id = $1 AND failures > 0";

  // Index: the primary key.
  private static final String FAILS =
      "UPDATE webhooks SET failures = least(failures, 1000000) + 1 WHERE id = $1";

  // Index: the primary key.
  private static final String SETTLE =
      """
      UPDATE webhook_deliveries
         SET status = $3, claim = NULL,
             due_at = clock_timestamp() + $4::float8 * interval '1 millisecond',
             ended_at = CASE WHEN $3 <> 'pending' THEN clock_timestamp() END,
             history = CASE WHEN jsonb_array_length(history) >= $5 THEN history - 0
                            ELSE history END || $6::jsonb
       WHERE id = $1 AND claim = $2
      """;

  // Index: the primary key.
  private static final String DISABLE =
      """
      UPDATE webhooks w SET disabled_at = clock_timestamp()
       WHERE w.id = $1 AND w.disabled_at IS NULL
      RETURNING w.*
      """;

  // Index: webhook_deliveries_due.
  private static final String GIVE_UP =
      """
      UPDATE webhook_deliveries SET status = 'dead', claim = NULL, ended_at = clock_timestamp()
       WHERE webhook_id = $1 AND status = 'pending'
      """;

  private final PostgresPools pools;
  private final SealingKey sealingKey;
  private final boolean localToo;
  private final int perWebhookMax;
  private final Duration lease;

  /**
   * The queue behind {@code pools}, as a node sees it that has {@code sealingKey}.
   *
   * @param localToo whether the node delivers to webhooks that not every node would
   * @param perWebhookMax attempts at once to one webhook, by all nodes together
   * @param lease longer than any attempt can take
   */
  public DeliveryQueue(
      PostgresPools pools,
      SealingKey sealingKey,
      boolean localToo,
      int perWebhookMax,
      Duration lease) {
    this.pools = pools;
    this.sealingKey = sealingKey;
    this.localToo = localToo;
    this.perWebhookMax = perWebhookMax;
    this.lease = lease;
  }

  /** Takes deliveries that are due, the longest overdue first, to be attempted now. */
  Future<List<Claimed>> claim(int max) {
    return pools.transaction(
        pools.control(),
        connection ->
            connection
                .preparedQuery(WEBHOOKS)
                .execute(Tuple.of(sealingKey.id(), localToo))
                .compose(
                    rows -> {
                      List<UUID> webhooks = new ArrayList<>(rows.size());
                      List<Integer> atOnce = new ArrayList<>(rows.size());
                      for (Row row : rows) {
                        webhooks.add(row.getUUID("id"));
                        atOnce.add(row.getBoolean("failing") ? 1 : perWebhookMax);
                      }
                      return webhooks.isEmpty()
                          ? Future.succeededFuture(List.of())
                          : claim(connection, webhooks, atOnce, max);
                    }));
  }

  private Future<List<Claimed>> claim(
      SqlConnection connection, List<UUID> webhooks, List<Integer> atOnce, int max) {
    Tuple parameters =
        Tuple.tuple()
            .addArrayOfUUID(webhooks.toArray(UUID[]::new))
            .addArrayOfInteger(atOnce.toArray(Integer[]::new))
            .addDouble((double) lease.toMillis())
            .addInteger(max);
    return connection
        .preparedQuery(CLAIM)
        .execute(parameters)
        .map(
            rows -> {
              List<Claimed> claimed = new ArrayList<>(rows.size());
              rows.forEach(row -> read(row).ifPresent(claimed::add));
              return claimed;
            });
  }

  /** The claim of a row; one whose secret does not open was tampered with, and is left alone. */
  private Optional<Claimed> read(Row row) {
    UUID webhook = row.getUUID("webhook_id");
    SigningSecret secret;
    try {
      secret = sealingKey.open(webhook, row.getBuffer("secret").getBytes());
    } catch (IllegalArgumentException e) {
      LOG.error("the secret of webhook {} does not open", webhook);
      return Optional.empty();
    }
    return Optional.of(
        new Claimed(
            row.getUUID("id"),
            row.getUUID("claim"),
            webhook,
            row.getUUID("event_id"),
            row.getString("url"),
            secret,
            row.getString("body"),
            row.getInteger("tries")));
  }

  /** The receiver took it. Nothing happens when the claim is gone, here and below. */
  Future<Void> delivered(Claimed claimed, Attempt attempt) {
    return settle(claimed, attempt, WORKS, Delivery.Status.DELIVERED, Duration.ZERO);
  }

  /** It is to be tried again after {@code pause}. */
  Future<Void> failed(Claimed claimed, Attempt attempt, Duration pause) {
    return settle(claimed, attempt, FAILS, Delivery.Status.PENDING, pause);
  }

  /** It is not to be tried again unless somebody replays it. */
  Future<Void> dead(Claimed claimed, Attempt attempt) {
    return settle(claimed, attempt, FAILS, Delivery.Status.DEAD, Duration.ZERO);
  }

  /** The receiver wants to hear no more: the webhook is disabled, and nothing waits for it. */
  Future<Void> gone(Claimed claimed, Attempt attempt) {
    return pools.transaction(
        pools.control(),
        connection ->
            connection
                .preparedQuery(DISABLE)
                .execute(Tuple.of(claimed.webhookId()))
                .compose(
                    rows ->
                        settled(connection, claimed, attempt, Delivery.Status.DEAD, Duration.ZERO)
                            .compose(settled -> disabled(connection, rows.iterator()))));
  }

  private static Future<Void> disabled(SqlConnection connection, Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return Future.succeededFuture();
    }
    Webhook webhook = WebhookRows.read(rows.next());
    JsonObject changes = AuditLog.change("status", "enabled", "disabled");
    return connection
        .preparedQuery(GIVE_UP)
        .execute(Tuple.of(webhook.id()))
        .compose(given -> WebhookAudit.ofWebhook(connection, GONE, webhook, changes));
  }

  private Future<Void> settle(
      Claimed claimed, Attempt attempt, String ofWebhook, Delivery.Status status, Duration pause) {
    return pools.transaction(
        pools.control(),
        connection ->
            connection
                .preparedQuery(ofWebhook)
                .execute(Tuple.of(claimed.webhookId()))
                .compose(noted -> settled(connection, claimed, attempt, status, pause)));
  }

  private static Future<Void> settled(
      SqlConnection connection,
      Claimed claimed,
      Attempt attempt,
      Delivery.Status status,
      Duration pause) {
    return connection
        .preparedQuery(SETTLE)
        .execute(
            Tuple.of(
                claimed.id(),
                claimed.claim(),
                status.wireName(),
                (double) pause.toMillis(),
                HISTORY_MAX,
                new JsonArray().add(attempt.toJson())))
        .mapEmpty();
  }
}
