package ai.molecule.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.telemetry.LabelValue.KeyAction;
import ai.molecule.edge.telemetry.LabelValue.Method;
import ai.molecule.edge.telemetry.LabelValue.Outcome;
import ai.molecule.edge.telemetry.LabelValue.Repetition;
import ai.molecule.edge.telemetry.LabelValue.Store;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import ai.molecule.edge.telemetry.LabelValue.Tier;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EdgeMetersTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final EdgeMeters meters = new EdgeMeters(registry);

  @Test
  void aRequestIsCountedByRouteMethodStatusAndProblem() {
    RouteMeters route = meters.route("/cp/orgs/{id}");
    route.completed(Method.GET, 200, null, 1_000);
    route.completed(Method.GET, 200, null, 1_000);
    route.completed(Method.GET, 404, ProblemCode.NOT_FOUND, 1_000);
    route.completed(Method.POST, 499, null, 1_000);
    assertThat(registry.scrape())
        .contains(
            "edge_requests_total{method=\"GET\",problem=\"none\",route=\"/cp/orgs/{id}\",status=\"200\"}"
                + " 2.0",
            "edge_requests_total{method=\"GET\",problem=\"not_found\",route=\"/cp/orgs/{id}\",status=\"404\"}"
                + " 1.0",
            "edge_requests_total{method=\"POST\",problem=\"none\",route=\"/cp/orgs/{id}\",status=\"499\"}"
                + " 1.0",
            "edge_request_duration_seconds_count{route=\"/cp/orgs/{id}\"} 4");
  }

  @Test
  void everyProblemAndEveryStatusHasACounterOfItsOwn() {
    RouteMeters route = meters.route("/x");
    for (ProblemCode code : ProblemCode.values()) {
      route.completed(Method.GET, code.status(), code, 1);
    }
    for (int status = 100; status <= 599; status++) {
      route.completed(Method.GET, status, null, 1);
    }
    assertThat(
            registry
                .scrape()
                .lines()
                .filter(line -> line.startsWith("edge_requests_total"))
                .filter(line -> line.endsWith(" 1.0")))
        .hasSize(ProblemCode.values().length + 500);
  }

  @Test
  void aRouteIsRegisteredOnce() {
    assertThat(meters.route("/a")).isSameAs(meters.route("/a"));
  }

  @Test
  void handlesCountWhatTheyAreNamedAfter() {
    meters.decidedBy(Tier.LEASED);
    meters.decided(Outcome.LIMITED);
    meters.keyChanged(KeyAction.REVOKE);
    meters.repeated(Repetition.REPLAYED);
    meters.lastUseFlushed(7);
    meters.storeCall(Store.REDIS, StoreOp.ADMIT, 2_000_000, true);
    meters.gauge(EdgeMeter.OUTBOX_PENDING, () -> 3);
    assertThat(registry.scrape())
        .contains(
            "edge_admissions_total{tier=\"leased\"} 1.0",
            "edge_admissions_total{tier=\"postgres\"} 0.0",
            "edge_decisions_total{outcome=\"limited\"} 1.0",
            "edge_idempotent_requests_total{result=\"replayed\"} 1.0",
            "edge_key_changes_total{action=\"revoke\"} 1.0",
            "edge_last_use_flushed_total 7.0",
            "edge_store_failures_total{op=\"admit\",store=\"redis\"} 1.0",
            "edge_store_duration_seconds_bucket{op=\"admit\",store=\"redis\",le=\"0.003\"} 1",
            "edge_store_duration_seconds_bucket{op=\"admit\",store=\"redis\",le=\"0.001\"} 0",
            "edge_outbox_pending 3.0");
  }

  @Test
  void onlyGaugesAreRegisteredAsGauges() {
    assertThatThrownBy(() -> meters.gauge(EdgeMeter.REQUESTS, () -> 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theDocumentationListsEveryMeterAndNoOther() throws IOException {
    assertThat(
            Files.readAllLines(Path.of("docs/metrics.md")).stream()
                .filter(line -> line.startsWith("| `")))
        .containsExactlyElementsOf(rows());
  }

  static List<String> rows() {
    return Arrays.stream(EdgeMeter.values()).map(EdgeMetersTest::row).toList();
  }

  private static String row(EdgeMeter meter) {
    String suffix =
        switch (meter.type()) {
          case COUNTER -> "_total";
          case TIMER -> "_seconds";
          case GAUGE -> "";
        };
    String labels =
        String.join(
            "; ", meter.labels().stream().map(one -> one.label() + ": " + one.allowed()).toList());
    return "| `"
        + meter.meterName().replace('.', '_')
        + suffix
        + "` | "
        + meter.type().name().toLowerCase(java.util.Locale.ROOT)
        + " | "
        + meter.unit()
        + " | "
        + labels
        + " | "
        + meter.meaning()
        + " |";
  }
}
