package ai.molecule.edge.controlplane;

import static ai.molecule.edge.credential.KeyJson.timestamp;

import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgStore;
import ai.molecule.edge.controlplane.usage.HourUsage;
import ai.molecule.edge.controlplane.usage.Meter;
import ai.molecule.edge.controlplane.usage.UsageRange;
import ai.molecule.edge.controlplane.usage.UsageStore;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.problem.Problem;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What orgs used: the HTTP contract, section 6, and {@code docs/usage.md}. What lies outside the
 * caller's reach is the same {@code not_found} as what does not exist. Safe on any thread.
 */
public final class UsageApi {
  /** The path of an org's usage. */
  static final String PATH = OrgsApi.PATH + "/{slug}/usage";

  private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("2999-12-31T23:00:00Z");

  private final OrgStore orgs;
  private final UsageStore usage;
  private final Supplier<Future<Void>> flush;
  private final int rangeDaysMax;
  private final InstantSource clock;

  /**
   * The usage of the orgs in that store.
   *
   * @param flush writes the calls that this node has counted, so that they are seen
   * @param rangeDaysMax days that one request may ask for
   */
  public UsageApi(
      OrgStore orgs,
      UsageStore usage,
      Supplier<Future<Void>> flush,
      int rangeDaysMax,
      InstantSource clock) {
    this.orgs = orgs;
    this.usage = usage;
    this.flush = flush;
    this.rangeDaysMax = rangeDaysMax;
    this.clock = clock;
  }

  /** Shows what an org used, per meter and hour: 200, for 30 days more when the org is gone. */
  Future<Answer> get(Admitted caller, ControlRoute.Call call) {
    UsageRange range = range(call.query());
    return orgs.getReadable(caller.principal().reach(), call.org())
        .compose(
            org ->
                flush
                    .get()
                    .otherwiseEmpty()
                    .compose(flushed -> usage.read(org.id(), range))
                    .map(hours -> Answer.json(200, json(org, range, hours))));
  }

  private UsageRange range(QueryParameters query) {
    @Nullable Instant from = time(query, "from");
    @Nullable Instant to = time(query, "to");
    query.throwIfWrong();
    UsageRange range = UsageRange.of(from, to, clock.instant());
    String wrong = from == null ? "to" : "from";
    if (!range.hasHours()) {
      throw wrong(wrong, "out_of_range", "from must be before to.");
    }
    if (range.length().compareTo(Duration.ofDays(rangeDaysMax)) > 0) {
      throw wrong(wrong, "out_of_range", "No more than " + rangeDaysMax + " days at once.");
    }
    return range;
  }

  private static Problem wrong(String parameter, String code, String detail) {
    return Problem.invalid(Pointer.ofParameter(parameter).toString(), code, detail);
  }

  private static @Nullable Instant time(QueryParameters query, String name) {
    return query.value(
        name,
        UsageApi::time,
        "invalid_format",
        "This must be a time in RFC 3339 and UTC, like 2026-01-31T08:00:00Z.");
  }

  private static @Nullable Instant time(String text) {
    try {
      OffsetDateTime time = OffsetDateTime.parse(text);
      Instant at = time.toInstant();
      return time.getOffset().equals(ZoneOffset.UTC) && !at.isBefore(FIRST) && !at.isAfter(LAST)
          ? at
          : null;
    } catch (DateTimeException notATime) {
      return null;
    }
  }

  private static JsonObject json(Org org, UsageRange range, List<HourUsage> hours) {
    JsonArray meters = new JsonArray();
    for (Meter meter : Meter.values()) {
      meters.add(json(meter, hours));
    }
    return new JsonObject()
        .put("org_id", org.id().toString())
        .put("from", timestamp(range.from()))
        .put("to", timestamp(range.to()))
        .put("meters", meters);
  }

  /** The quantity is the sum of what is shown, so that an invoice adds up. */
  private static JsonObject json(Meter meter, List<HourUsage> hours) {
    JsonArray lines = new JsonArray();
    BigDecimal sum = BigDecimal.ZERO;
    for (HourUsage hour : hours) {
      long counted = hour.counted(meter);
      if (counted != 0) {
        BigDecimal quantity = meter.quantity(counted);
        sum = sum.add(quantity);
        lines.add(
            new JsonObject()
                .put("hour", timestamp(hour.hour()))
                .put("quantity", Meter.json(quantity)));
      }
    }
    return new JsonObject()
        .put("meter", meter.wireName())
        .put("unit", meter.unit())
        .put("quantity", Meter.json(sum))
        .put("hours", lines);
  }
}
