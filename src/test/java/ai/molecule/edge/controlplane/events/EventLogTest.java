package ai.molecule.edge.controlplane.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an event in the outbox looks like, and for whom it is. */
class EventLogTest {
  private static final Instant AT = Instant.parse("2027-03-04T05:06:07.891011Z");
  private static final JsonObject DATA = new JsonObject().put("org_id", "o").put("seats", 5);

  @AutoClose private static TestDatabase database;
  private UUID org;

  @BeforeAll
  static void start() {
    database = new TestDatabase();
  }

  @BeforeEach
  void anOrg() {
    org = org();
  }

  private static UUID org() {
    UUID id = UUID.randomUUID();
    database.query(
        "INSERT INTO orgs (id, partner_id, slug, status) VALUES ($1, 'acme', $2, 'running')",
        id,
        "org-" + id.toString().substring(0, 8));
    return id;
  }

  private static UUID webhook(String partner, UUID org, String... events) {
    UUID id = UUID.randomUUID();
    database.query(
        """
        INSERT INTO webhooks (id, partner_id, org_id, url, events, secret, sealed_under, local,
                              created_by, created_at)
        VALUES ($1, $2, $3, 'https://a.example/', $4, '', '', false, 'admin', now())
        """,
        id,
        partner,
        org,
        events);
    return id;
  }

  private UUID append(EventType type) {
    return Await.result(
        database.pools.transaction(
            database.pools.control(), connection -> append(connection, type)));
  }

  private Future<UUID> append(SqlConnection connection, EventType type) {
    return EventLog.append(connection, "acme", org, type, DATA, AT);
  }

  private static List<UUID> receivers(UUID event) {
    List<UUID> receivers = new ArrayList<>();
    database
        .query("SELECT webhook_id FROM webhook_deliveries WHERE event_id = $1", event)
        .forEach(row -> receivers.add(row.getUUID(0)));
    return receivers;
  }

  @Test
  void theBodyIsWhatStandardWebhooksRecommends() {
    UUID event = append(EventType.ORG_RUNNING);
    Row row = database.query("SELECT * FROM events WHERE id = $1", event).iterator().next();
    assertThat(row.getString("body"))
        .isEqualTo(
            "{\"type\":\"org.running\",\"timestamp\":\"2027-03-04T05:06:07.891Z\","
                + "\"data\":{\"org_id\":\"o\",\"seats\":5}}");
    assertThat(row.getOffsetDateTime("at").toInstant()).isEqualTo(AT);
    assertThat(event.version()).isEqualTo(7);
  }

  @Test
  void thoseWebhooksGetItThatWantItAndMaySeeIt() {
    UUID exact = webhook("acme", null, "org.failed", "org.created");
    UUID everything = webhook("acme", null, "*");
    UUID ofTheOrg = webhook("acme", org, "org.created");
    webhook("acme", org(), "org.created");
    webhook("acme", null, "org.failed");
    webhook("rival", null, "*");
    UUID disabled = webhook("acme", null, "*");
    database.query("UPDATE webhooks SET disabled_at = now() WHERE id = $1", disabled);
    UUID event = append(EventType.ORG_CREATED);
    assertThat(receivers(event)).containsExactlyInAnyOrder(exact, everything, ofTheOrg);
    database
        .query("SELECT id FROM webhook_deliveries")
        .forEach(row -> assertThat(row.getUUID(0).version()).isEqualTo(7));
  }

  @Test
  void anEventWithoutAnOrgIsNotForTheWebhooksOfOrgs() {
    UUID ofTheOrg = webhook("acme", org, "usage.hourly");
    UUID event =
        Await.result(
            EventLog.append(
                database.pools.control(), "acme", null, EventType.USAGE_HOURLY, DATA, AT));
    assertThat(receivers(event)).doesNotContain(ofTheOrg);
  }

  @Test
  void whatIsRolledBackIsNotTold() {
    UUID webhook = webhook("acme", org, "org.created");
    Await.failure(
        database.pools.transaction(
            database.pools.control(),
            connection ->
                append(connection, EventType.ORG_CREATED)
                    .compose(written -> Future.failedFuture("undone"))));
    assertThat(database.query("SELECT FROM webhook_deliveries WHERE webhook_id = $1", webhook))
        .isEmpty();
    assertThat(database.query("SELECT FROM events WHERE org_id = $1", org)).isEmpty();
  }

  @Test
  void aWebhookThatIsBeingDeletedDoesNotFailWhatHappens() {
    UUID leaving = webhook("acme", org, "org.created");
    UUID staying = webhook("acme", org, "org.created");
    SqlConnection deleter = Await.result(database.pools.control().getConnection());
    var deletion = Await.result(deleter.begin());
    Await.result(
        deleter.preparedQuery("DELETE FROM webhooks WHERE id = $1").execute(Tuple.of(leaving)));
    Future<UUID> appended =
        database.pools.transaction(
            database.pools.control(), connection -> append(connection, EventType.ORG_CREATED));
    await()
        .until(
            () ->
                database
                        .query(
                            "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
                        .size()
                    > 0);
    Await.result(deletion.commit());
    Await.result(deleter.close());
    assertThat(receivers(Await.result(appended))).contains(staying).doesNotContain(leaving);
  }

  @Test
  void whoDeliversDoesNotHoldUpWhatHappens() {
    UUID webhook = webhook("acme", org, "org.created");
    SqlConnection courier = Await.result(database.pools.control().getConnection());
    var claiming = Await.result(courier.begin());
    Await.result(
        courier
            .preparedQuery("SELECT FROM webhooks WHERE id = $1 FOR NO KEY UPDATE")
            .execute(Tuple.of(webhook)));
    assertThat(receivers(append(EventType.ORG_CREATED))).contains(webhook);
    Await.result(claiming.rollback());
    Await.result(courier.close());
  }

  @Test
  void everyTypeHasANameOfItsOwnAndIsFoundByIt() {
    assertThat(EventType.wireNames())
        .containsExactly(
            "org.created",
            "org.running",
            "org.failed",
            "org.suspended",
            "org.resumed",
            "org.deleted",
            "billing.closed",
            "usage.hourly");
    for (EventType type : EventType.values()) {
      assertThat(EventType.ofWireName(type.wireName())).contains(type);
    }
    assertThat(EventType.ofWireName("org.exploded")).isEmpty();
  }
}
