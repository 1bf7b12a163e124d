package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.credential.ExampleCredentials;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** That every meter of the catalogue moves when what it counts happens. */
final class MetricsIT {
  private static final String UNKNOWN = ExampleCredentials.LIVE_KEY;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @AutoClose private static EdgeNodes nodes;
  private static RunningNode node;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores().start(1);
    node = nodes.node(0);
    useEverything();
  }

  private static void useEverything() {
    Made key = node.create();
    node.useAtOnce(key, 20);
    node.use(UNKNOWN);
    node.shown(key);
    node.patch(key, new JsonObject().put("name", "another"));
    Made limited = node.createLimited(1, 1);
    node.use(limited);
    node.use(limited);
    // Never leased: from the third use on, some event loop holds it already.
    Made exact = node.createLimited(60_000, 100);
    for (int i = 0; i < 3; i++) {
      node.use(exact);
    }
    node.revoke(node.rotate(key, 0));
    for (String name : List.of("one", "one", "another")) {
      node.createOnce("the-key", RunningNode.body().put("name", name));
    }
  }

  private static List<String> scraped() {
    return node.operations("/metrics").body().lines().toList();
  }

  /** The sum of the samples whose line begins so. */
  private static double value(String series) {
    List<String> samples = scraped().stream().filter(line -> line.startsWith(series)).toList();
    assertThat(samples).as(series).isNotEmpty();
    return samples.stream()
        .mapToDouble(sample -> Double.parseDouble(sample.substring(sample.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void whatHappenedIsCounted() {
    for (String series :
        List.of(
            "edge_requests_total{method=\"GET\",problem=\"none\",route=\"/cp/partner-key\"",
            "edge_requests_total{method=\"GET\",problem=\"rate_limited\"",
            "edge_request_duration_seconds_count",
            "edge_admissions_total{tier=\"redis_token\"}",
            "edge_decisions_total{outcome=\"admitted\"}",
            "edge_decisions_total{outcome=\"limited\"}",
            "edge_store_duration_seconds_count{op=\"admit\",store=\"redis\"}",
            "edge_store_duration_seconds_count{op=\"put\",store=\"redis\"}",
            "edge_store_duration_seconds_count{op=\"probe\",store=\"redis\"}",
            "edge_store_duration_seconds_count{op=\"probe\",store=\"postgres\"}",
            "edge_store_duration_seconds_count{op=\"lookup\",store=\"postgres\"}",
            "edge_store_duration_seconds_count{op=\"change\",store=\"postgres\"}",
            "edge_store_duration_seconds_count{op=\"read\",store=\"postgres\"}",
            "edge_key_changes_total{action=\"create\"}",
            "edge_key_changes_total{action=\"update\"}",
            "edge_key_changes_total{action=\"rotate\"}",
            "edge_key_changes_total{action=\"revoke\"}",
            "edge_idempotent_requests_total{result=\"first\"}",
            "edge_idempotent_requests_total{result=\"replayed\"}",
            "edge_idempotent_requests_total{result=\"mismatch\"}",
            "edge_cached_keys",
            "edge_connections",
            "edge_session_valid")) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(value(series)).as(series).isPositive());
    }
    assertThat(value("edge_redis_breaker_state")).isZero();
    assertThat(value("edge_fills_in_flight")).isZero();
  }

  @Test
  void aRefusalIsNoFailureOfAStore() {
    String failures = "edge_store_failures_total{op=\"change\",store=\"postgres\"}";
    double before = value(failures);
    Made revoked = node.create();
    node.revoke(revoked);
    JsonObject change = new JsonObject().put("name", "x");
    assertThat(node.send("PATCH", revoked.path(), EdgeNodes.ADMIN, change).statusCode())
        .isEqualTo(409);

    assertThat(value(failures)).isEqualTo(before);
  }

  @Test
  void timesOfLastUseAreCountedWhenTheyAreWritten() {
    node.use(node.create());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(value("edge_last_use_flushed_total")).isPositive();
              assertThat(value("edge_store_duration_seconds_count{op=\"flush\"")).isPositive();
            });
  }

  @Test
  void callsAreCountedWhenTheyAreWrittenForMetering() {
    node.use(node.create());
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(value("edge_usage_calls_total")).isPositive());
    assertThat(value("edge_usage_calls_late_total")).isZero();
  }

  @Test
  void hoursAreCountedWhenTheyAreClosed() {
    PostgresEye postgres = new PostgresEye(nodes.postgresUri());
    double before = value("edge_usage_hours_closed_total");
    postgres.texts(
        """
        INSERT INTO orgs (id, partner_id, slug, status, billing_started_at)
        VALUES (gen_random_uuid(), 'acme', 'long-running', 'running', now() - interval '3 hours')
        """);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(value("edge_usage_hours_closed_total")).isGreaterThan(before);
              assertThat(value("edge_usage_close_lag")).isZero();
            });
  }

  @Test
  void aChangeThatWaitsIsSeen() {
    PostgresEye postgres = new PostgresEye(nodes.postgresUri());
    postgres.texts(
        "INSERT INTO change_outbox (key_ids, claimed_until)"
            + " VALUES ('{}', clock_timestamp() + interval '1 hour')");
    await().atMost(PATIENCE).until(() -> value("edge_outbox_pending") == 1);

    postgres.texts("DELETE FROM change_outbox");
    await().atMost(PATIENCE).until(() -> value("edge_outbox_pending") == 0);
  }
}
