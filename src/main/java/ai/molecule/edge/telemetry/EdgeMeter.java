package ai.molecule.edge.telemetry;

import java.util.List;

/**
 * The catalogue of the edge's own meters: a published interface, listed in {@code docs/metrics.md}.
 * Names are Micrometer's; Prometheus shows dots as underscores, counters with {@code _total},
 * timers with {@code _seconds}.
 */
public enum EdgeMeter {
  REQUESTS(
      "edge.requests",
      Type.COUNTER,
      "requests",
      "Requests completed, refusals and clients that went away (status 499) included.",
      MeterLabel.ROUTE,
      MeterLabel.METHOD,
      MeterLabel.STATUS,
      MeterLabel.PROBLEM),
  REQUEST_DURATION(
      "edge.request.duration",
      Type.TIMER,
      "seconds",
      "From the arrival of a request's head to the end of its answer.",
      MeterLabel.ROUTE),
  ADMISSIONS(
      "edge.admissions",
      Type.COUNTER,
      "requests",
      "Requests by the tier that decided about their key.",
      MeterLabel.TIER),
  DECISIONS(
      "edge.decisions",
      Type.COUNTER,
      "requests",
      "What the limiter said to requests with a known key.",
      MeterLabel.OUTCOME),
  STORE_DURATION(
      "edge.store.duration",
      Type.TIMER,
      "seconds",
      "Calls to the stores, failed ones included.",
      MeterLabel.STORE,
      MeterLabel.OP),
  STORE_FAILURES(
      "edge.store.failures",
      Type.COUNTER,
      "calls",
      "Calls to the stores that failed or came too late.",
      MeterLabel.STORE,
      MeterLabel.OP),
  REDIS_BREAKER_STATE(
      "edge.redis.breaker.state",
      Type.GAUGE,
      "",
      "The circuit breaker before Redis: 0 closed, 1 probing, 2 open; the worst of all loops and"
          + " masters."),
  SESSION_VALID(
      "edge.session.valid",
      Type.GAUGE,
      "",
      "1 while this node may answer from its own cache, else 0."),
  CACHED_KEYS("edge.cached.keys", Type.GAUGE, "keys", "Keys in this node's cache."),
  FILLS_IN_FLIGHT(
      "edge.fills.in.flight", Type.GAUGE, "calls", "Lookups of keys in Postgres in flight."),
  LAST_USE_LAG(
      "edge.last.use.lag", Type.GAUGE, "seconds", "Age of the oldest time of use not yet written."),
  LAST_USE_FLUSHED(
      "edge.last.use.flushed", Type.COUNTER, "rows", "Times of last use written to Postgres."),
  USAGE_CALLS("edge.usage.calls", Type.COUNTER, "calls", "Calls written to Postgres for metering."),
  USAGE_CALLS_LATE(
      "edge.usage.calls.late",
      Type.COUNTER,
      "calls",
      "Calls that no org was charged with: written after the last hour of their org was closed."),
  USAGE_HOURS_CLOSED(
      "edge.usage.hours.closed", Type.COUNTER, "hours", "Hours of orgs that were closed."),
  USAGE_CLOSE_LAG(
      "edge.usage.close.lag",
      Type.GAUGE,
      "seconds",
      "For how long the oldest hour waits that could be closed."),
  KEY_CHANGES(
      "edge.key.changes",
      Type.COUNTER,
      "changes",
      "Changes of keys that were acknowledged, repeated ones included.",
      MeterLabel.ACTION),
  IDEMPOTENT_REQUESTS(
      "edge.idempotent.requests",
      Type.COUNTER,
      "requests",
      "Calls under an Idempotency-Key, by what became of them.",
      MeterLabel.RESULT),
  OUTBOX_PENDING(
      "edge.outbox.pending",
      Type.GAUGE,
      "changes",
      "Changes of keys that Redis and the other nodes have not all been told of."),
  UPSTREAM_REQUESTS(
      "edge.upstream.requests",
      Type.COUNTER,
      "attempts",
      "Attempts to have a request answered by a service behind the edge, by what became of them.",
      MeterLabel.ROUTE,
      MeterLabel.UPSTREAM),
  UPSTREAM_DURATION(
      "edge.upstream.duration",
      Type.TIMER,
      "seconds",
      "From the admission of a forwarded request to the head of its answer.",
      MeterLabel.ROUTE),
  ROUTES("edge.routes", Type.GAUGE, "routes", "Routes to other services in force."),
  ROUTE_RELOADS(
      "edge.route.reloads",
      Type.COUNTER,
      "reloads",
      "Times the file of routes had changed; one with a fault is refused, the routes before stay.",
      MeterLabel.RELOAD),
  STREAMS(
      "edge.streams",
      Type.GAUGE,
      "streams",
      "Upgraded connections and event streams open through this node."),
  CALLS_IN_FLIGHT(
      "edge.calls.in.flight",
      Type.GAUGE,
      "calls",
      "Control plane calls under way, revocations and heartbeats aside."),
  CALLS_IN_FLIGHT_MAX(
      "edge.calls.in.flight.max",
      Type.GAUGE,
      "calls",
      "How many of them there may be now: fewer while they take longer than usual."),
  FORWARDED_IN_FLIGHT(
      "edge.forwarded.in.flight",
      Type.GAUGE,
      "requests",
      "Requests under way to services behind the edge, streams aside."),
  OVERLOAD_REFUSALS(
      "edge.overload.refusals",
      Type.COUNTER,
      "requests",
      "Requests refused because as many were under way as may be, by whose room was full.",
      MeterLabel.OVERLOAD),
  EXPORTS_RUNNING("edge.exports.running", Type.GAUGE, "exports", "Exports of orgs under way."),
  WEBHOOK_ATTEMPTS(
      "edge.webhook.attempts",
      Type.TIMER,
      "seconds",
      "Attempts to deliver an event to a webhook.",
      MeterLabel.WEBHOOK_OUTCOME),
  WEBHOOK_LAG(
      "edge.webhook.lag",
      Type.GAUGE,
      "seconds",
      "How long the delivery that is due the longest has been due."),
  CONNECTIONS("edge.connections", Type.GAUGE, "connections", "Open connections of clients."),
  EVENT_LOOP_BLOCKED(
      "edge.event.loop.blocked",
      Type.COUNTER,
      "events",
      "Times an event loop was found blocked: always a defect.");

  /** What kind of meter. */
  public enum Type {
    COUNTER,
    GAUGE,
    /** With a histogram. */
    TIMER
  }

  private final String meterName;
  private final Type type;
  private final String unit;
  private final String meaning;
  private final List<MeterLabel> labels;

  EdgeMeter(String meterName, Type type, String unit, String meaning, MeterLabel... labels) {
    this.meterName = meterName;
    this.type = type;
    this.unit = unit;
    this.meaning = meaning;
    this.labels = List.of(labels);
  }

  /** The name, with dots. */
  public String meterName() {
    return meterName;
  }

  /** What kind of meter it is. */
  public Type type() {
    return type;
  }

  /** The base unit, empty for a state. */
  public String unit() {
    return unit;
  }

  /** One sentence for people. */
  public String meaning() {
    return meaning;
  }

  /** Its labels, in order. */
  public List<MeterLabel> labels() {
    return labels;
  }
}
