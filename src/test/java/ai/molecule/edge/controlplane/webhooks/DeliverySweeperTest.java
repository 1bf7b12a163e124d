package ai.molecule.edge.controlplane.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.controlplane.webhooks.Delivery.Status;
import ai.molecule.edge.controlplane.webhooks.DeliveryWorkshop.Made;
import ai.molecule.edge.postgres.Await;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is remembered of deliveries stays within its bound, and nothing younger goes. */
class DeliverySweeperTest {
  private static final Duration RETENTION = Duration.ofDays(7);

  /** Older than that are a few of the events whose queries are planned. */
  private static final double AGE_MILLIS = 19_900_000;

  private DeliveryWorkshop workshop;
  private DeliverySweeper sweeper;

  @BeforeEach
  void start() {
    workshop = new DeliveryWorkshop();
    sweeper = new DeliverySweeper(workshop.pools, RETENTION);
  }

  @AfterEach
  void stop() {
    workshop.close();
  }

  /** Makes that delivery one of that status, that many days old. */
  private void age(UUID event, String status, int days) {
    workshop.query(
        """
        UPDATE webhook_deliveries
           SET status = $2, due_at = now() - $3 * interval '1 day',
               ended_at = CASE WHEN $2 <> 'pending' THEN now() - $3 * interval '1 day' END
         WHERE event_id = $1
        """,
        event,
        status,
        (double) days);
    workshop.query(
        "UPDATE events SET at = now() - $2 * interval '1 day' WHERE id = $1", event, (double) days);
  }

  private long events() {
    return workshop.query("SELECT count(*) FROM events").iterator().next().getLong(0);
  }

  @Test
  void whatEndedLongAgoGoesWithItsEventAndWhatIsYoungerStays() {
    Made made = workshop.webhook("https://a.example/");
    UUID oldDelivered = workshop.event();
    UUID oldDead = workshop.event();
    UUID young = workshop.event();
    age(oldDelivered, "delivered", 8);
    age(oldDead, "dead", 8);
    age(young, "delivered", 6);
    Await.result(sweeper.sweep());
    assertThat(workshop.list(made, null)).hasSize(1);
    assertThat(workshop.list(made, null).getFirst().eventId()).isEqualTo(young);
    assertThat(events()).isEqualTo(1);
  }

  @Test
  void anEventThatNobodyWantedGoesWhenItsTimeIsUp() {
    UUID event = workshop.event();
    Await.result(sweeper.sweep());
    assertThat(events()).isEqualTo(1);
    workshop.query("UPDATE events SET at = now() - interval '8 days' WHERE id = $1", event);
    Await.result(sweeper.sweep());
    assertThat(events()).isZero();
  }

  @Test
  void whatNoNodeCouldDeliverAllThatTimeIsDeadAndCanBeSeen() {
    Made made = workshop.webhook("https://a.example/");
    UUID event = workshop.event();
    age(event, "pending", 1);
    Await.result(sweeper.sweep());
    assertThat(workshop.only(made).status()).isEqualTo(Status.PENDING);
    assertThat(sweeper.lagSeconds()).isGreaterThan(80_000);
    age(event, "pending", 8);
    Await.result(sweeper.sweep());
    assertThat(workshop.only(made).status()).isEqualTo(Status.DEAD);
    assertThat(sweeper.lagSeconds()).isZero();
  }

  @Test
  void theWebhooksOfAnOrgThatIsLongGoneGo() {
    Made made = workshop.webhook("https://a.example/");
    UUID org = UUID.randomUUID();
    workshop.query(
        """
        INSERT INTO orgs (id, partner_id, slug, status, deleted_at)
        VALUES ($1, 'acme', 'gone', 'deleted', now() - interval '6 days')
        """,
        org);
    workshop.query("UPDATE webhooks SET org_id = $1 WHERE id = $2", org, made.id());
    Await.result(sweeper.sweep());
    assertThat(workshop.query("SELECT FROM webhooks")).hasSize(1);
    workshop.query("UPDATE orgs SET deleted_at = now() - interval '8 days' WHERE id = $1", org);
    Await.result(sweeper.sweep());
    assertThat(workshop.query("SELECT FROM webhooks")).isEmpty();
  }

  @Test
  void withALongBacklogNoQueryWalksTheTable() {
    workshop.webhook("https://a.example/");
    workshop.webhook("https://b.example/");
    workshop.query(
        """
        INSERT INTO events (id, partner_id, type, at, body)
        SELECT gen_random_uuid(), 'acme', 'org.created', now() - i * interval '1 second', '{}'
          FROM generate_series(1, 20000) i
        """);
    workshop.query(
        """
        INSERT INTO webhook_deliveries (webhook_id, event_id, status, ended_at, due_at)
        SELECT w.id, e.id, CASE WHEN e.n % 10 = 0 THEN 'pending' ELSE 'delivered' END,
               CASE WHEN e.n % 10 <> 0 THEN now() - e.n * interval '1 minute' END,
               now() + e.n * interval '1 second'
          FROM webhooks w, (SELECT id, row_number() OVER () AS n FROM events) e
        """);
    workshop.query("ANALYZE");
    UUID[] webhooks = {UUID.randomUUID(), UUID.randomUUID()};
    assertThat(plan(DeliveryQueue.WEBHOOKS, Tuple.of("k", true))).contains("deliveries_due");
    assertThat(plan(DeliveryQueue.CLAIM, Tuple.of(webhooks, new Integer[] {1, 1}, 1_000.0, 64)))
        .contains("deliveries_due");
    assertThat(plan(DeliverySweeper.ENDED, Tuple.of(AGE_MILLIS, 1_000)))
        .contains("deliveries_ended");
    assertThat(plan(DeliverySweeper.EVENTS, Tuple.of(AGE_MILLIS, 1_000)))
        .contains("deliveries_of_event");
  }

  private String plan(String sql, Tuple parameters) {
    StringBuilder plan = new StringBuilder();
    for (Row row :
        Await.result(
            workshop.pools.query(workshop.pools.control(), "EXPLAIN " + sql, parameters))) {
      plan.append(row.getString(0)).append('\n');
    }
    assertThat(plan.toString()).doesNotContain("Seq Scan on webhook_deliveries");
    return plan.toString();
  }
}
