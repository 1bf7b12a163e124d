package ai.molecule.edge.app;

import static ai.molecule.edge.app.EdgeNodes.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.controlplane.usage.UsageConfig;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The life of an org on two nodes, and what it is charged with: each call once, and nothing after.
 */
class UsageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int CALLS = 200;

  @AutoClose private static EdgeNodes nodes;
  private static RunningNode first;
  private static RunningNode second;
  private static PostgresEye postgres;

  @BeforeAll
  static void start() {
    UsageConfig quick = new UsageConfig(Duration.ofMillis(200), Duration.ofSeconds(5), 200, 93);
    nodes = EdgeNodes.onSharedStores().with(config -> config.withUsage(quick));
    first = nodes.start();
    second = nodes.start();
    postgres = new PostgresEye(nodes.postgresUri());
  }

  private static JsonObject get(String path) {
    HttpResponse<String> response = first.send("GET", path, ADMIN, null);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  private static double quantity(JsonObject org, String meter) {
    return get("/cp/orgs/" + org.getString("id") + "/usage").getJsonArray("meters").stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getString("meter").equals(meter))
        .mapToDouble(one -> one.getDouble("quantity"))
        .sum();
  }

  @Test
  void callsOnAllNodesAreCountedOnceAndTheLastHourIsClosedWithThem() {
    JsonObject body =
        new JsonObject().put("slug", "metered").put("name", "An org").put("partner_id", "acme");
    JsonObject org = new JsonObject(first.send("POST", "/cp/orgs", ADMIN, body).body());
    await()
        .atMost(PATIENCE)
        .until(() -> get("/cp/orgs/metered").getString("status").equals("running"));
    RunningNode.Made key =
        first.create(
            RunningNode.body("orgs:read")
                .put("org_id", org.getString("id"))
                .put("partner_id", "acme")
                .put("rate_limit", 1_000_000));
    for (int call = 0; call < CALLS / 2; call++) {
      assertThat(first.use(key).statusCode()).isEqualTo(200);
      assertThat(second.use(key).statusCode()).isEqualTo(200);
    }
    first.send("DELETE", "/cp/orgs/metered", ADMIN, null);
    assertThat(second.use(key).statusCode()).as("not counted").isEqualTo(401);

    String id = org.getString("id");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                postgres.number(
                        "SELECT count(*) FROM usage_accounts WHERE settled_at IS NOT NULL"
                            + " AND org_id = ?::uuid",
                        id)
                    == 1);
    assertThat(quantity(org, "api_calls")).isEqualTo(CALLS);
    double hours = quantity(org, "org_hours");
    assertThat(hours).isPositive();
    assertThat(quantity(org, "seat_hours")).isEqualTo(5 * hours, within(1e-6));
    assertThat(quantity(org, "workspace_hours")).isEqualTo(hours, within(1e-6));
    assertThat(
            postgres.number(
                "SELECT count(*) FROM events WHERE type = 'usage.hourly' AND org_id = ?::uuid"
                    + " AND (body::jsonb -> 'data' ->> 'last')::boolean",
                id))
        .isOne();
  }
}
