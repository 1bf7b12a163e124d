package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is remembered of deliveries within its bound: from time to time, so many rows at a
 * time, and nothing that another node is at. Belongs to the event loop that made it.
 */
public final class DeliverySweeper {
  static final int BATCH_MAX = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(DeliverySweeper.class);

  // Index: webhook_deliveries_ended.
  static final String ENDED =
      """
      DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
        SELECT id FROM webhook_deliveries
         WHERE ended_at <= statement_timestamp() - $1::float8 * interval '1 millisecond'
         ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED))
      """;

  // Index: webhook_deliveries_due. No node could deliver these all that time: none has the key that
  // the secret is sealed under, or none may deliver where the webhook leads.
  static final String STRANDED =
      """
      UPDATE webhook_deliveries SET status = 'dead', claim = NULL, ended_at = clock_timestamp()
       WHERE id = ANY (ARRAY(
        SELECT id FROM webhook_deliveries
         WHERE status = 'pending'
           AND due_at <= statement_timestamp() - $1::float8 * interval '1 millisecond'
         LIMIT $2 FOR UPDATE SKIP LOCKED))
      """;

  // Index: events_oldest, webhook_deliveries_of_event.
  static final String EVENTS =
      """
      DELETE FROM events WHERE id = ANY (ARRAY(
        SELECT e.id FROM events e
         WHERE e.at <= statement_timestamp() - $1::float8 * interval '1 millisecond'
           AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.event_id = e.id)
         ORDER BY e.at LIMIT $2 FOR UPDATE SKIP LOCKED))
      """;

  // Index: the primary keys. Webhooks of orgs that are gone have nothing more to tell.
  static final String WEBHOOKS =
      """
      DELETE FROM webhooks WHERE id = ANY (ARRAY(
        SELECT w.id FROM webhooks w JOIN orgs o ON o.id = w.org_id
         WHERE o.status = 'deleted'
           AND o.deleted_at <= statement_timestamp() - $1::float8 * interval '1 millisecond'
           AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.webhook_id = w.id)
         LIMIT $2 FOR UPDATE OF w SKIP LOCKED))
      """;

  // Index: webhook_deliveries_due.
  static final String LAG =
      """
      SELECT coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::float8
        FROM webhook_deliveries WHERE status = 'pending'
      """;

  private final PostgresPools pools;
  private final Duration retention;
  private long timer = -1;
  private volatile double lagSeconds;

  /** Sweeps behind {@code pools} what ended {@code retention} ago or longer. */
  public DeliverySweeper(PostgresPools pools, Duration retention) {
    this.pools = pools;
    this.retention = retention;
  }

  /** Sweeps every {@code interval} from now on. */
  public void start(Vertx vertx, Duration interval) {
    timer =
        vertx.setPeriodic(
            interval.toMillis(),
            tick ->
                sweep()
                    .onFailure(
                        failure -> LOG.debug("nothing swept this time: {}", failure.toString())));
  }

  /** Sweeps no more. */
  public void stop(Vertx vertx) {
    vertx.cancelTimer(timer);
  }

  /** One round; completes when it is done. */
  Future<Void> sweep() {
    Future<Void> swept = Future.succeededFuture();
    for (String sql : List.of(STRANDED, ENDED, EVENTS, WEBHOOKS)) {
      swept =
          swept.compose(
              before ->
                  pools
                      .query(
                          pools.control(), sql, Tuple.of((double) retention.toMillis(), BATCH_MAX))
                      .mapEmpty());
    }
    return swept
        .compose(done -> pools.query(pools.control(), LAG, Tuple.tuple()))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              lagSeconds = Math.max(0, row.getDouble(0));
              return null;
            });
  }

  /** How long the delivery that is due the longest had been due at the last round. */
  public double lagSeconds() {
    return lagSeconds;
  }
}
