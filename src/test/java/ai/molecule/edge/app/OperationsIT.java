package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.app.node.EdgeVertx;
import ai.molecule.edge.app.node.Node;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.stores.PostgresServerHandle;
import ai.molecule.edge.stores.TestStores;
import ai.molecule.edge.telemetry.EdgeMeter;
import ai.molecule.edge.telemetry.ManagementConfig;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the operations port says of a node, from its start to its end. */
final class OperationsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static JsonObject ready(int port, int status) {
    HttpResponse<String> response = RunningNode.operations(port, "/health/ready");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return new JsonObject(response.body());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static EdgeConfig withManagementPort(EdgeConfig config, int port) {
    return config.withManagement(new ManagementConfig("127.0.0.1", port));
  }

  @Test
  void aNodeWithoutItsDatabaseIsLiveAndStartingAndReadyOnceItIsThere() throws IOException {
    int port = freePort();
    try (PostgresServerHandle postgres = TestStores.startPostgres();
        EdgeNodes nodes = EdgeNodes.on(postgres.uri(), TestStores.redisUri())) {
      postgres.stop();
      EdgeConfig config =
          withManagementPort(nodes.config(postgres.uri(), TestStores.redisUri()), port);
      EdgeVertx edge = EdgeVertx.create(2);
      Future<Node> starting = Node.start(edge, config, step -> {});

      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(RunningNode.operations(port, "/health/live").statusCode())
                      .isEqualTo(200));
      JsonObject ready = ready(port, 503);
      assertThat(ready.getString("status")).isEqualTo("starting");
      assertThat(ready.getJsonArray("missing")).isEqualTo(JsonArray.of("postgres"));
      assertThat(starting.isComplete()).isFalse();

      postgres.start();
      await().atMost(Duration.ofSeconds(40)).until(starting::isComplete);
      RunningNode node = new RunningNode(edge, starting.result(), config);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(ready(port, 200).getString("status")).isEqualTo("ready"));
      assertThat(node.status(node.create())).isEqualTo(200);
      node.close();
    }
  }

  @Test
  void theMetricsHaveEveryFamilyOfTheCatalogueAndCountWhatHappened() {
    try (EdgeNodes nodes = EdgeNodes.onSharedStores()) {
      RunningNode node = nodes.start();
      Made key = node.createLimited(1, 2);
      node.use(key);
      node.use(key);
      node.use(key);
      node.use("nothing");
      node.revoke(key);
      node.use(key);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  node.operations("/metrics")
                      .body()
                      .lines()
                      .anyMatch(line -> line.matches("edge_last_use_flushed_total [1-9].*")));

      HttpResponse<String> metrics = node.operations("/metrics");

      assertThat(metrics.statusCode()).isEqualTo(200);
      assertThat(metrics.headers().firstValue("Content-Type").orElse("none"))
          .startsWith("text/plain; version=0.0.4");
      List<String> lines = metrics.body().lines().toList();
      // Nothing is forwarded here; the labels of those begin with the route.
      assertThat(
              Stream.of(EdgeMeter.values())
                  .filter(meter -> !meter.name().startsWith("UPSTREAM_"))
                  .map(OperationsIT::family))
          .allSatisfy(
              family -> assertThat(lines).anyMatch(line -> line.startsWith("# TYPE " + family)));
      String own = "edge_requests_total{method=\"GET\",problem=\"%s\",route=\"/cp/partner-key\"";
      for (String problem :
          List.of("none", "rate_limited", "credential_malformed", "key_revoked")) {
        assertThat(lines).anyMatch(line -> line.startsWith(own.formatted(problem)));
      }
      assertThat(lines)
          .anyMatch(line -> line.matches("edge_decisions_total\\{outcome=\"limited\"} [1-9].*"))
          .anyMatch(line -> line.matches("edge_admissions_total\\{tier=\"redis_record\"} [1-9].*"))
          .anyMatch(line -> line.matches("edge_key_changes_total\\{action=\"create\"} [1-9].*"))
          .anyMatch(line -> line.matches("edge_key_changes_total\\{action=\"revoke\"} [1-9].*"))
          .anyMatch(line -> line.matches("edge_cached_keys [1-9].*"))
          .anyMatch(line -> line.matches("edge_session_valid 1\\.0"))
          .anyMatch(line -> line.matches("edge_redis_breaker_state 0\\.0"))
          .noneMatch(line -> line.contains(key.secret()) || line.contains(key.id()));
    }
  }

  private static String family(EdgeMeter meter) {
    String name = meter.meterName().replace('.', '_');
    return switch (meter.type()) {
      case COUNTER -> name + "_total";
      case GAUGE -> name;
      case TIMER -> name + "_seconds";
    };
  }

  @Test
  void theOperationsPortAnswersOnlyWhatItHas() {
    try (EdgeNodes nodes = EdgeNodes.onSharedStores()) {
      RunningNode node = nodes.start();
      assertThat(node.operations("/health/live").body()).isEqualTo("{\"status\":\"live\"}");
      assertThat(node.operations("/cp/partner-key").statusCode()).isEqualTo(404);
      assertThat(node.send("GET", "/metrics", EdgeNodes.ADMIN, null).statusCode()).isEqualTo(404);
      assertThat(node.send("GET", "/health/ready", null, null).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void everyAnswerOfTheOperationsPortHasARequestId() {
    try (EdgeNodes nodes = EdgeNodes.onSharedStores()) {
      RunningNode node = nodes.start();
      for (String path : List.of("/health/live", "/health/ready", "/metrics", "/nothing")) {
        assertThat(node.operationsRequestId(path, "my.id-1_A")).isEqualTo("my.id-1_A");
        assertThat(node.operationsRequestId(path, "x".repeat(128))).isEqualTo("x".repeat(128));
        for (String unfit : List.of("x".repeat(129), "a b", "mol_ws_x")) {
          assertThat(node.operationsRequestId(path, unfit)).matches("[0-9a-f-]{36}");
        }
      }
    }
  }
}
