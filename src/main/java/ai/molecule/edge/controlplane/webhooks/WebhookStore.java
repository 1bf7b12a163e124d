package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.Page;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.TransactionFrame;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The webhooks in Postgres, always reached through a {@link Reach}. On the control pool; safe on
 * any thread. Everything fails with {@code store_unavailable} when Postgres cannot serve in time.
 */
public final class WebhookStore {
  /** One owner's webhooks are added one after the other, so that counting them means something. */
  private static final String ONE_AT_A_TIME =
      "SELECT pg_advisory_xact_lock(hashtextextended('webhooks of ' || $1, 0))";

  // Index: webhooks_of_partner or webhooks_of_org.
  static final String COUNT =
      """
      SELECT count(*) FROM webhooks WHERE partner_id = $1 AND org_id IS NOT DISTINCT FROM $2
      """;

  private static final String INSERT =
      """
      INSERT INTO webhooks (id, partner_id, org_id, url, events, local, created_by, created_at,
                            secret, sealed_under)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """;

  // Index: the primary key.
  private static final String DELETE = "DELETE FROM webhooks WHERE id = $1";

  private final PostgresPools pools;
  private final SealingKey sealingKey;
  private final int perOwnerMax;

  /** The webhooks behind {@code pools}; new ones are sealed under {@code sealingKey}. */
  public WebhookStore(PostgresPools pools, SealingKey sealingKey, int perOwnerMax) {
    this.pools = pools;
    this.sealingKey = sealingKey;
    this.perOwnerMax = perOwnerMax;
  }

  /**
   * Adds a webhook, which is told of every event from then on, with {@code frame} around the
   * transaction's work.
   *
   * @return the webhook; fails with {@code webhook_limit}
   */
  public Future<Webhook> add(
      Webhook webhook,
      SigningSecret secret,
      AuditContext context,
      TransactionFrame<Webhook> frame) {
    return pools.transaction(
        pools.control(), frame, connection -> add(connection, webhook, secret, context));
  }

  private Future<Webhook> add(
      SqlConnection connection, Webhook webhook, SigningSecret secret, AuditContext context) {
    return connection
        .preparedQuery(ONE_AT_A_TIME)
        .execute(Tuple.of(webhook.partnerId() + "/" + webhook.orgId()))
        .compose(locked -> demandRoom(connection, webhook))
        .compose(room -> connection.preparedQuery(INSERT).execute(row(webhook, secret)))
        .compose(
            inserted ->
                WebhookAudit.ofWebhook(connection, context, webhook, WebhookAudit.created(webhook)))
        .map(webhook);
  }

  private Future<Void> demandRoom(SqlConnection connection, Webhook webhook) {
    return connection
        .preparedQuery(COUNT)
        .execute(Tuple.tuple().addString(webhook.partnerId()).addUUID(webhook.orgId()))
        .map(
            rows -> {
              if (rows.iterator().next().getLong(0) >= perOwnerMax) {
                throw Problem.of(
                    ProblemCode.WEBHOOK_LIMIT,
                    "A partner, and each org, may have " + perOwnerMax + " webhooks.");
              }
              return null;
            });
  }

  private Tuple row(Webhook webhook, SigningSecret secret) {
    return Tuple.tuple()
        .addUUID(webhook.id())
        .addString(webhook.partnerId())
        .addUUID(webhook.orgId())
        .addString(webhook.url())
        .addArrayOfString(webhook.events().toArray(String[]::new))
        .addBoolean(webhook.local())
        .addString(webhook.createdBy())
        .addOffsetDateTime(webhook.createdAt().atOffset(ZoneOffset.UTC))
        .addBuffer(Buffer.buffer(sealingKey.seal(webhook.id(), secret)))
        .addString(sealingKey.id());
  }

  /** One page of the webhooks within reach, newest first; stable while webhooks are added. */
  public Future<Page<Webhook>> list(Reach reach, PageRequest page) {
    // Index: webhooks_newest, webhooks_of_partner or webhooks_of_org, by the reach.
    Selection reads = WebhookRows.within(reach).newestFirst("w.created_at", "w.id", page);
    return pools
        .query(pools.control(), reads.sql(), reads.parameters())
        .map(
            rows -> {
              List<Webhook> webhooks = new ArrayList<>(rows.size());
              rows.forEach(row -> webhooks.add(WebhookRows.read(row)));
              return Page.cut(webhooks, page, last -> new Cursor(last.createdAt(), last.id()));
            });
  }

  /** One webhook; fails with {@code not_found} when there is none within reach. */
  public Future<Webhook> get(Reach reach, UUID id) {
    Selection reads = one(reach, id);
    return pools
        .query(pools.control(), reads.sql(), reads.parameters())
        .map(rows -> WebhookRows.first(rows).orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND)));
  }

  /**
   * Removes a webhook with its deliveries: none begins after this. Fails with {@code not_found}
   * when there is none within reach.
   */
  public Future<Void> remove(Reach reach, UUID id, AuditContext context) {
    return pools.transaction(
        pools.control(),
        connection ->
            locked(connection, reach, id, " FOR UPDATE")
                .compose(webhook -> remove(connection, webhook, context)));
  }

  private static Future<Void> remove(
      SqlConnection connection, Webhook webhook, AuditContext context) {
    return connection
        .preparedQuery(DELETE)
        .execute(Tuple.of(webhook.id()))
        .compose(
            gone ->
                WebhookAudit.ofWebhook(
                    connection, context, webhook, WebhookAudit.deleted(webhook)));
  }

  /** The webhook, locked; fails with {@code not_found} when there is none within reach. */
  static Future<Webhook> locked(SqlConnection connection, Reach reach, UUID id, String lock) {
    Selection reads = one(reach, id).append(lock);
    return connection
        .preparedQuery(reads.sql())
        .execute(reads.parameters())
        .map(rows -> WebhookRows.first(rows).orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND)));
  }

  /** Index: the primary key. */
  private static Selection one(Reach reach, UUID id) {
    return WebhookRows.within(reach).and("w.id = ", id);
  }
}
