package ai.molecule.edge.app.node;

import ai.molecule.edge.telemetry.EdgeMeters;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Vert.x with the edge's settings and meters: the same in production and in tests, but for how
 * soon a blocked event loop is reported.
 *
 * @param vertx the instance
 * @param registry all meters, Vert.x's own included
 * @param meters the edge's meters
 */
public record EdgeVertx(Vertx vertx, PrometheusMeterRegistry registry, EdgeMeters meters) {
  /** Milliseconds after which an event loop counts as blocked; tests set it lower. */
  public static final String BLOCKED_MILLIS_PROPERTY = "edge.event-loop.blocked-millis";

  private static final Logger LOG = LoggerFactory.getLogger(EdgeVertx.class);
  private static final int BLOCKED_MILLIS = 2_000;
  private static final int CHECKS_IN_THAT_TIME = 4;
  private static final Duration WORKER_TIME_MAX = Duration.ofMinutes(1);

  /** What costs something on each request and is counted by the edge itself, or is of no use. */
  private static final Set<MetricsDomain> NOT_MEASURED =
      EnumSet.complementOf(EnumSet.of(MetricsDomain.NAMED_POOLS));

  /** A running instance with that many event loops. */
  public static EdgeVertx create(int eventLoops) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    EdgeMeters meters = new EdgeMeters(registry);
    Vertx vertx =
        Vertx.builder()
            .with(options(eventLoops))
            .withMetrics(new MicrometerMetricsFactory(registry))
            .build();
    ((VertxInternal) vertx)
        .blockedThreadChecker()
        .setThreadBlockedHandler(
            blocked -> {
              if (blocked.thread().getName().contains("eventloop")) {
                meters.eventLoopBlocked();
              }
              LOG.warn(
                  "{} has been blocked for {} ms",
                  blocked.thread().getName(),
                  TimeUnit.NANOSECONDS.toMillis(blocked.duration()),
                  stackOf(blocked.thread()));
            });
    return new EdgeVertx(vertx, registry, meters);
  }

  private static Throwable stackOf(Thread thread) {
    Throwable stack = new Throwable("where it is");
    stack.setStackTrace(thread.getStackTrace());
    return stack;
  }

  private static VertxOptions options(int eventLoops) {
    int blockedMillis = Integer.getInteger(BLOCKED_MILLIS_PROPERTY, BLOCKED_MILLIS);
    return new VertxOptions()
        // One more than serve requests: a session is renewed in time however busy those are.
        .setEventLoopPoolSize(eventLoops + 1)
        .setPreferNativeTransport(true)
        .setMaxEventLoopExecuteTime(blockedMillis)
        .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
        .setMaxWorkerExecuteTime(WORKER_TIME_MAX.toNanos())
        .setBlockedThreadCheckInterval(Math.max(10, blockedMillis / CHECKS_IN_THAT_TIME))
        .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS)
        .setMetricsOptions(
            new MicrometerMetricsOptions()
                .setEnabled(true)
                .setJvmMetricsEnabled(true)
                .setDisabledMetricsCategories(
                    NOT_MEASURED.stream()
                        .map(MetricsDomain::toCategory)
                        .collect(Collectors.toSet()))
                .addDisabledMetricsCategory("redis")
                .addDisabledMetricsCategory("sql"));
  }

  /** All meters in Prometheus' text format. Takes a while: call it on a worker thread. */
  public String scrape() {
    return registry.scrape();
  }
}
