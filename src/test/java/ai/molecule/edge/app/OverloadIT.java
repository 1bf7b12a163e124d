package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.overload.OverloadConfig;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.proxy.RawUpstream;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One more than may be under way is refused at once, and nobody else suffers from it. */
final class OverloadIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final CountDownLatch release = new CountDownLatch(1);
  private EdgeNodes nodes;
  private RunningNode node;

  /** One that keeps requests for {@code …/slow} waiting until it is released. */
  private RawUpstream slowUpstream() {
    return RawUpstream.start(
        (head, connection) -> {
          if (head.line().contains("/slow")) {
            release.await();
          }
          connection.write(RawUpstream.ok("done"));
        });
  }

  private void start(OverloadConfig overload, RawUpstream upstream) {
    nodes =
        EdgeNodes.onSharedStores()
            .with(
                config ->
                    config
                        .withRoutes(RouteYaml.parse(RouteYaml.of("/up", upstream, "")))
                        .withOverload(overload));
    node = nodes.start();
  }

  @AfterEach
  void stop() {
    release.countDown();
    nodes.close();
  }

  private List<CompletableFuture<HttpResponse<String>>> begin(int count, String path, Made key) {
    return Stream.generate(
            () -> CompletableFuture.supplyAsync(() -> get(path, key), Thread::startVirtualThread))
        .limit(count)
        .toList();
  }

  private HttpResponse<String> get(String path, Made key) {
    return node.send("GET", path, key.secret(), null);
  }

  private static String code(HttpResponse<String> refusal) {
    assertThat(refusal.headers().firstValue("Retry-After")).contains("1");
    return new JsonObject(refusal.body()).getString("code");
  }

  private void awaitMetric(String line) {
    await().atMost(PATIENCE).until(() -> node.operations("/metrics").body().contains(line));
  }

  @Test
  void aSlowUpstreamIsSentAsMuchAsItMayHaveAndTheRestIsRefusedBeforeTheGate() {
    try (RawUpstream upstream = slowUpstream()) {
      start(new OverloadConfig(16, 128, 32, 3, 3, 100), upstream);
      Made key = node.create("orgs:read");
      var held = begin(3, "/up/slow", key);
      awaitMetric("edge_forwarded_in_flight 3.0");
      await().atMost(PATIENCE).until(() -> upstream.heads().size() == 3);

      HttpResponse<String> refused =
          node.send("POST", "/up/quick", key.secret(), new JsonObject().put("a", "body"));
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(code(refused)).isEqualTo("upstream_saturated");
      assertThat(refused.headers().firstValue("RateLimit")).as("no token was taken").isEmpty();
      assertThat(refused.headers().firstValue("Connection")).as("the connection stays").isEmpty();
      assertThat(node.status(key)).as("what does not wait is not counted").isEqualTo(200);
      awaitMetric("edge_overload_refusals_total{overload=\"upstream\"} 1.0");

      release.countDown();
      assertThat(held).allMatch(one -> one.join().statusCode() == 200);
      assertThat(upstream.heads()).hasSize(3);
      awaitMetric("edge_forwarded_in_flight 0.0");
      assertThat(get("/up/slow", key).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aPartnerThatHasItsShareUnderWayLeavesOthersTheirs() {
    try (RawUpstream upstream = slowUpstream()) {
      start(new OverloadConfig(16, 128, 32, 64, 64, 2), upstream);
      Made acme = node.create("orgs:read");
      Made acmeToo = node.create("orgs:read");
      Made globex = node.create(RunningNode.body("orgs:read").put("partner_id", "globex"));
      var held = begin(2, "/up/slow", acme);
      awaitMetric("edge_forwarded_in_flight 2.0");

      for (Made key : List.of(acme, acmeToo)) {
        HttpResponse<String> refused = get("/up/quick", key);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(code(refused)).isEqualTo("concurrency_limit");
      }
      for (int i = 0; i < 50; i++) {
        assertThat(get("/up/quick", globex).statusCode()).isEqualTo(200);
      }
      awaitMetric("edge_overload_refusals_total{overload=\"partner\"} 2.0");

      release.countDown();
      assertThat(held).allMatch(one -> one.join().statusCode() == 200);
      awaitMetric("edge_forwarded_in_flight 0.0");
      assertThat(get("/up/quick", acme).statusCode()).isEqualTo(200);
    }
  }

  /** Statements may wait for a lock as long as the test needs. */
  private static EdgeConfig patient(EdgeConfig config) {
    PostgresConfig shipped = config.postgres();
    return config.withPostgres(
        new PostgresConfig(
            shipped.uri(),
            shipped.password(),
            shipped.authPoolSize(),
            shipped.controlPoolSize(),
            shipped.poolQueueMax(),
            shipped.connectTimeout(),
            shipped.acquireTimeout(),
            Duration.ofSeconds(25),
            shipped.idleTimeout()));
  }

  @Test
  void aFullControlPlaneStillRevokesKeys() throws SQLException {
    nodes =
        EdgeNodes.onSharedStores()
            .with(OverloadIT::patient)
            .with(config -> config.withOverload(new OverloadConfig(2, 2, 2, 64, 64, 64)));
    node = nodes.start();
    Made key = node.create("webhooks:manage");
    Made leaked = node.create();
    Made own = node.create();
    assertThat(node.status(leaked)).isEqualTo(200);

    try (Connection holder = DriverManager.getConnection(jdbc(nodes.postgresUri()));
        Statement lock = holder.createStatement()) {
      holder.setAutoCommit(false);
      lock.execute("LOCK TABLE webhooks IN ACCESS EXCLUSIVE MODE");
      var held = begin(2, "/cp/webhooks", key);
      awaitMetric("edge_calls_in_flight 2.0");

      HttpResponse<String> refused =
          node.send("POST", RunningNode.KEYS, EdgeNodes.ADMIN, RunningNode.body());
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(code(refused)).isEqualTo("overloaded");
      assertThat(refused.headers().firstValue("Connection")).as("the connection stays").isEmpty();

      assertThat(node.tryRevoke(leaked).statusCode()).isEqualTo(204);
      assertThat(node.status(leaked)).isEqualTo(401);
      assertThat(node.send("DELETE", RunningNode.OWN_KEY, own.secret(), null).statusCode())
          .isEqualTo(204);
      assertThat(node.status(own)).isEqualTo(401);
      assertThat(node.status(key)).as("the data plane is not the control plane").isEqualTo(200);
      assertThat(node.operations("/health/ready").statusCode()).isEqualTo(200);

      holder.rollback();
      assertThat(held).allMatch(one -> one.join().statusCode() == 200);
    }
    awaitMetric("edge_calls_in_flight 0.0");
    assertThat(get("/cp/webhooks", key).statusCode()).isEqualTo(200);
  }

  private static String jdbc(String uri) {
    java.net.URI parsed = java.net.URI.create(uri);
    String[] login = parsed.getUserInfo().split(":", 2);
    String password = login.length == 2 ? "&password=" + login[1] : "";
    return "jdbc:postgresql://"
        + parsed.getHost()
        + ":"
        + parsed.getPort()
        + parsed.getPath()
        + "?user="
        + login[0]
        + password;
  }
}
