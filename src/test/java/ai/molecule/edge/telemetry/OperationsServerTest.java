package ai.molecule.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class OperationsServerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private volatile boolean postgres = true;
  private volatile boolean redis = true;
  private final Health health = Health.starting(stores());
  private OperationsServer server;

  private Map<String, BooleanSupplier> stores() {
    Map<String, BooleanSupplier> stores = new LinkedHashMap<>();
    stores.put("postgres", () -> postgres);
    stores.put("redis", () -> redis);
    return stores;
  }

  @BeforeEach
  void listen(Vertx vertx) {
    server =
        OperationsServer.start(
                vertx, new ManagementConfig("127.0.0.1", 0), health, () -> "a_total 1.0\n")
            .await();
  }

  @AfterEach
  void close() {
    server.close().await();
  }

  @Nested
  class Returns200 {
    @Test
    void aliveWhileStarting() throws Exception {
      assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void readyNamingWhatIsMissing() throws Exception {
      health.serving();
      assertThat(get("/health/ready").body()).isEqualTo("{\"status\":\"ready\",\"missing\":[]}");
      postgres = false;
      HttpResponse<String> degraded = get("/health/ready");
      assertThat(degraded.statusCode()).isEqualTo(200);
      assertThat(degraded.body()).isEqualTo("{\"status\":\"degraded\",\"missing\":[\"postgres\"]}");
    }

    @Test
    void theMetricsAsPrometheusReadsThem() throws Exception {
      HttpResponse<String> metrics = get("/metrics");
      assertThat(metrics.statusCode()).isEqualTo(200);
      assertThat(metrics.headers().firstValue("content-type").orElseThrow())
          .startsWith("text/plain; version=0.0.4");
      assertThat(metrics.body()).isEqualTo("a_total 1.0\n");
    }
  }

  @Nested
  class Returns503 {
    @Test
    void whileStarting() throws Exception {
      assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void whenCutOffFromBothStores() throws Exception {
      health.serving();
      postgres = false;
      redis = false;
      HttpResponse<String> ready = get("/health/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body())
          .isEqualTo("{\"status\":\"cut_off\",\"missing\":[\"postgres\",\"redis\"]}");
    }

    @Test
    void whileDraining() throws Exception {
      health.serving();
      health.draining();
      assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    }
  }

  @Test
  void anythingElseIsA404Problem() throws Exception {
    HttpResponse<String> answer = get("/cp/partner-key");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(answer.body()).contains("\"code\":\"not_found\"");
  }

  @Test
  void writingIsA405Problem() throws Exception {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(uri("/metrics"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).contains("GET, HEAD");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }
}
