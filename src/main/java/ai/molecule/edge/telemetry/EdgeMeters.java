package ai.molecule.edge.telemetry;

import ai.molecule.edge.telemetry.LabelValue.KeyAction;
import ai.molecule.edge.telemetry.LabelValue.Outcome;
import ai.molecule.edge.telemetry.LabelValue.Repetition;
import ai.molecule.edge.telemetry.LabelValue.Store;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import ai.molecule.edge.telemetry.LabelValue.Tier;
import ai.molecule.edge.telemetry.LabelValue.WebhookOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * The edge's meters, registered when made, so that counting is an array index and an add. Safe on
 * any thread; nothing here fails or blocks.
 */
public final class EdgeMeters {
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(250_000),
    Duration.ofMillis(1),
    Duration.ofMillis(3),
    Duration.ofMillis(10),
    Duration.ofMillis(30),
    Duration.ofMillis(100),
    Duration.ofMillis(300),
    Duration.ofSeconds(1),
    Duration.ofSeconds(3),
    Duration.ofSeconds(10)
  };

  private final MeterRegistry registry;
  private final Map<String, RouteMeters> routes = new ConcurrentHashMap<>();
  private final Map<String, UpstreamMeters> upstreams = new ConcurrentHashMap<>();
  private final Counter[] admissions;
  private final Counter[] decisions;
  private final Counter[] keyChanges;
  private final Counter[] repetitions;
  private final Counter[] routeReloads;
  private final Counter[] overloadRefusals;
  private final Timer[][] storeDurations;
  private final Counter[][] storeFailures;
  private final Timer[] webhookAttempts;
  private final Counter lastUseFlushed;
  private final Counter usageCalls;
  private final Counter usageCallsLate;
  private final Counter usageHoursClosed;
  private final Counter eventLoopBlocked;

  /** Registers everything but the gauges, which need something to read. */
  public EdgeMeters(MeterRegistry registry) {
    this.registry = registry;
    this.admissions = counters(EdgeMeter.ADMISSIONS, Tier.values());
    this.decisions = counters(EdgeMeter.DECISIONS, Outcome.values());
    this.keyChanges = counters(EdgeMeter.KEY_CHANGES, KeyAction.values());
    this.repetitions = counters(EdgeMeter.IDEMPOTENT_REQUESTS, Repetition.values());
    this.routeReloads = counters(EdgeMeter.ROUTE_RELOADS, LabelValue.Reload.values());
    this.overloadRefusals = counters(EdgeMeter.OVERLOAD_REFUSALS, LabelValue.Overload.values());
    this.storeDurations = new Timer[Store.values().length][StoreOp.values().length];
    this.storeFailures = new Counter[Store.values().length][StoreOp.values().length];
    for (Store store : Store.values()) {
      for (StoreOp op : StoreOp.values()) {
        Tags tags = Tags.of("store", store.text(), "op", op.text());
        storeDurations[store.ordinal()][op.ordinal()] = timer(EdgeMeter.STORE_DURATION, tags);
        storeFailures[store.ordinal()][op.ordinal()] = counter(EdgeMeter.STORE_FAILURES, tags);
      }
    }
    this.webhookAttempts = new Timer[WebhookOutcome.values().length];
    for (WebhookOutcome outcome : WebhookOutcome.values()) {
      Tags tags = Tags.of(MeterLabel.WEBHOOK_OUTCOME.label(), outcome.text());
      webhookAttempts[outcome.ordinal()] = timer(EdgeMeter.WEBHOOK_ATTEMPTS, tags);
    }
    this.lastUseFlushed = counter(EdgeMeter.LAST_USE_FLUSHED, Tags.empty());
    this.usageCalls = counter(EdgeMeter.USAGE_CALLS, Tags.empty());
    this.usageCallsLate = counter(EdgeMeter.USAGE_CALLS_LATE, Tags.empty());
    this.usageHoursClosed = counter(EdgeMeter.USAGE_HOURS_CLOSED, Tags.empty());
    this.eventLoopBlocked = counter(EdgeMeter.EVENT_LOOP_BLOCKED, Tags.empty());
  }

  private Counter[] counters(EdgeMeter meter, LabelValue[] values) {
    Counter[] counters = new Counter[values.length];
    for (LabelValue value : values) {
      Tags tags = Tags.of(meter.labels().getFirst().label(), value.text());
      counters[value.ordinal()] = counter(meter, tags);
    }
    return counters;
  }

  Counter counter(EdgeMeter meter, Tags tags) {
    return Counter.builder(meter.meterName())
        .description(meter.meaning())
        .tags(tags)
        .register(registry);
  }

  Timer timer(EdgeMeter meter, Tags tags) {
    return Timer.builder(meter.meterName())
        .description(meter.meaning())
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /**
   * The meters of one route: look it up once, keep it with the route.
   *
   * @param template the path with its variables in braces, or {@code unmatched}; never a path that
   *     a client sent
   */
  public RouteMeters route(String template) {
    return routes.computeIfAbsent(template, route -> new RouteMeters(this, route));
  }

  /** The meters of one route to other services, by its template; keep them with the route. */
  public UpstreamMeters upstream(String template) {
    return upstreams.computeIfAbsent(template, route -> new UpstreamMeters(this, route));
  }

  /** The file of routes had changed. */
  public void routesReloaded(LabelValue.Reload result) {
    routeReloads[result.ordinal()].increment();
  }

  /** A request found no room. */
  public void refused(LabelValue.Overload full) {
    overloadRefusals[full.ordinal()].increment();
  }

  /** One more request was decided by {@code tier}. */
  public void decidedBy(Tier tier) {
    admissions[tier.ordinal()].increment();
  }

  /** The limiter said {@code outcome} once more. */
  public void decided(Outcome outcome) {
    decisions[outcome.ordinal()].increment();
  }

  /** A call to a store ended. */
  public void storeCall(Store store, StoreOp op, long nanos, boolean failed) {
    storeDurations[store.ordinal()][op.ordinal()].record(nanos, TimeUnit.NANOSECONDS);
    if (failed) {
      storeFailures[store.ordinal()][op.ordinal()].increment();
    }
  }

  /** A change of a key was acknowledged. */
  public void keyChanged(KeyAction action) {
    keyChanges[action.ordinal()].increment();
  }

  /** A call under an Idempotency-Key came to {@code result}. */
  public void repeated(Repetition result) {
    repetitions[result.ordinal()].increment();
  }

  /** An attempt to deliver to a webhook ended. */
  public void webhookAttempted(WebhookOutcome outcome, long nanos) {
    webhookAttempts[outcome.ordinal()].record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Times of last use were written. */
  public void lastUseFlushed(int rows) {
    lastUseFlushed.increment(rows);
  }

  /** A batch of calls was written, of which {@code late} came too late for their org. */
  public void callsCounted(long calls, long late) {
    usageCalls.increment((double) calls);
    usageCallsLate.increment((double) late);
  }

  /** Hours of orgs were closed. */
  public void hoursClosed(int hours) {
    usageHoursClosed.increment(hours);
  }

  /** An event loop was found blocked. */
  public void eventLoopBlocked() {
    eventLoopBlocked.increment();
  }

  /** How often an event loop was found blocked so far. */
  public long eventLoopsBlocked() {
    return (long) eventLoopBlocked.count();
  }

  /**
   * Registers one of the catalogue's gauges; the supplier is read at each scrape, on any thread.
   */
  public void gauge(EdgeMeter meter, DoubleSupplier value) {
    if (meter.type() != EdgeMeter.Type.GAUGE) {
      throw new IllegalArgumentException(meter + " is no gauge");
    }
    Gauge.builder(meter.meterName(), value::getAsDouble)
        .description(meter.meaning())
        .strongReference(true)
        .register(registry);
  }
}
