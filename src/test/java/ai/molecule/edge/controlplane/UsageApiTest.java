package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.ok;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.molecule.edge.controlplane.usage.HourCloser;
import ai.molecule.edge.controlplane.usage.UsageConfig;
import ai.molecule.edge.postgres.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Usage over real sockets and stores: the HTTP contract, section 6. */
class UsageApiTest {
  private static final Instant THIS_HOUR = Instant.now().truncatedTo(ChronoUnit.HOURS);
  private static final Instant BEGIN = THIS_HOUR.minus(Duration.ofHours(5));

  @AutoClose private static ControlPlaneUnderTest edge;
  private static String partnerKey;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
    partnerKey = key(null);
  }

  private static String key(UUID org) {
    JsonObject body = ControlPlaneUnderTest.body("billing:read").put("rate_limit", 100_000);
    return edge.created(org == null ? body : body.put("org_id", org.toString())).getString("key");
  }

  /** An org of acme that has been running with three seats for five hours before this one. */
  private static UUID org() {
    UUID org = UUID.randomUUID();
    edge.query(
        """
        INSERT INTO orgs (id, partner_id, slug, status, seats, billing_started_at)
        VALUES ($1, 'acme', $2, 'running', 3, $3)
        """,
        org,
        slug(org),
        BEGIN.atOffset(ZoneOffset.UTC));
    return org;
  }

  private static String slug(UUID org) {
    return "org-" + org.toString().substring(0, 8);
  }

  private static void closeAll() {
    UsageConfig config = new UsageConfig(Duration.ofSeconds(1), Duration.ZERO, 100, 93);
    HourCloser closer = new HourCloser(edge.pools, config);
    int closed;
    do {
      closed = Await.result(closer.closeBatch());
    } while (closed > 0);
  }

  private static HttpResponse<String> get(String org, String query, String credential) {
    return edge.get("/cp/orgs/" + org + "/usage" + query, credential);
  }

  private static JsonObject usage(UUID org, String query, String credential) {
    HttpResponse<String> response = get(org.toString(), query, credential);
    return ok(response, 200);
  }

  private static JsonObject meter(JsonObject usage, String name) {
    return usage.getJsonArray("meters").stream()
        .map(JsonObject.class::cast)
        .filter(meter -> meter.getString("meter").equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String range(Instant from, Instant to) {
    return "?from=" + from + "&to=" + to;
  }

  private static String shown(Instant time) {
    return time.toString().replace("Z", ".000Z");
  }

  @Test
  void hoursAreShownByMeterTheSameBeforeAndAfterTheyAreClosed() {
    UUID org = org();
    String query = range(BEGIN, BEGIN.plus(Duration.ofHours(2)));
    JsonObject open = usage(org, query, ADMIN);
    assertThat(open)
        .isEqualTo(
            new JsonObject()
                .put("org_id", org.toString())
                .put("from", shown(BEGIN))
                .put("to", shown(BEGIN.plus(Duration.ofHours(2))))
                .put(
                    "meters",
                    new JsonArray()
                        .add(expected("org_hours", "org_hour", 1))
                        .add(expected("seat_hours", "seat_hour", 3))
                        .add(expected("workspace_hours", "workspace_hour", 0))
                        .add(expected("api_calls", "call", 0))));
    closeAll();
    assertThat(usage(org, query, ADMIN)).isEqualTo(open);
  }

  /** Two hours with the same quantity in each. */
  private static JsonObject expected(String meter, String unit, int quantity) {
    JsonArray hours = new JsonArray();
    if (quantity > 0) {
      for (Instant hour : List.of(BEGIN, BEGIN.plus(Duration.ofHours(1)))) {
        hours.add(new JsonObject().put("hour", shown(hour)).put("quantity", quantity));
      }
    }
    return new JsonObject()
        .put("meter", meter)
        .put("unit", unit)
        .put("quantity", 2 * quantity)
        .put("hours", hours);
  }

  @Test
  void theHourThatIsRunningIsShownUpToNowAndCallsAtOnce() {
    UUID org = org();
    String key = key(org);
    for (int call = 0; call < 4; call++) {
      usage(org, "", key);
    }
    JsonObject now = usage(org, "?from=" + THIS_HOUR, key);
    assertThat(meter(now, "api_calls").getInteger("quantity")).isEqualTo(5);
    assertThat(meter(now, "org_hours").getDouble("quantity")).isBetween(0.0, 2.0);
    assertThat(meter(now, "seat_hours").getDouble("quantity"))
        .isEqualTo(3 * meter(now, "org_hours").getDouble("quantity"), within(1e-6));
  }

  @Test
  void withoutARangeItIsTheMonthUpToTheRunningHour() {
    JsonObject usage = usage(org(), "", partnerKey);
    Instant to = Instant.parse(usage.getString("to"));
    assertThat(to).isAfter(THIS_HOUR).isEqualTo(to.truncatedTo(ChronoUnit.HOURS));
    assertThat(usage.getString("from")).endsWith("-01T00:00:00.000Z");
    assertThat(meter(usage, "org_hours").getDouble("quantity")).isPositive();
  }

  @Test
  void anHourThatTheRangeCutsIsShownInWhole() {
    UUID org = org();
    JsonObject usage =
        usage(
            org, range(BEGIN.plusSeconds(1), BEGIN.plus(Duration.ofHours(1)).plusMillis(1)), ADMIN);
    assertThat(usage.getString("from")).isEqualTo(shown(BEGIN));
    assertThat(usage.getString("to")).isEqualTo(shown(BEGIN.plus(Duration.ofHours(2))));
    assertThat(meter(usage, "org_hours").getInteger("quantity")).isEqualTo(2);
  }

  @Test
  void refusedCallsAreNotCounted() {
    UUID org = org();
    JsonObject body =
        ControlPlaneUnderTest.body("orgs:read").put("org_id", org.toString()).put("burst", 2);
    String key = edge.created(body).getString("key");
    assertThat(get(org.toString(), "", key).statusCode()).as("lacks the scope").isEqualTo(403);
    assertThat(edge.get("/cp/orgs/" + org, key).statusCode()).isEqualTo(200);
    assertThat(meter(usage(org, "", ADMIN), "api_calls").getInteger("quantity")).isOne();
  }

  @Test
  void callsOfPartnerWideKeysAreKeptByKeyAndAreNoOrgsUsage() {
    UUID org = org();
    JsonObject made = edge.created(ControlPlaneUnderTest.body("billing:read"));
    for (int call = 0; call < 3; call++) {
      usage(org, "", made.getString("key"));
    }
    assertThat(meter(usage(org, "", ADMIN), "api_calls").getInteger("quantity")).isZero();
    assertThat(
            edge.query(
                    "SELECT sum(calls)::int8 FROM usage_calls WHERE key_id = $1 AND org_id IS NULL"
                        + " AND partner_id = 'acme'",
                    UUID.fromString(made.getString("id")))
                .iterator()
                .next()
                .getLong(0))
        .isEqualTo(3);
  }

  @Nested
  class OfAnOrgThatIsGone {
    private final UUID org = org();

    private void gone(int daysAgo) {
      edge.query(
          "UPDATE orgs SET billing_closed_at = now(), status = 'deleting'" + " WHERE id = $1", org);
      edge.query(
          "UPDATE orgs SET status = 'deleted', deleted_at = now() - $2 * interval '1 day'"
              + " WHERE id = $1",
          org,
          (double) daysAgo);
    }

    @Test
    void itIsReadableByItsIdForThirtyDays() {
      gone(29);
      for (String credential : List.of(ADMIN, partnerKey)) {
        assertThat(meter(usage(org, "", credential), "org_hours").getDouble("quantity"))
            .isPositive();
      }
    }

    @Test
    void itIsNotReadableByItsSlug() {
      gone(0);
      assertThat(get(slug(org), "", ADMIN).statusCode()).isEqualTo(404);
    }

    @Test
    void itIsNotReadableAfterThat() {
      gone(31);
      assertThat(get(org.toString(), "", ADMIN).statusCode()).isEqualTo(404);
    }

    @Test
    void itIsNotReadableByOthers() {
      gone(1);
      String rival =
          edge.created(ControlPlaneUnderTest.body("billing:read").put("partner_id", "rival"))
              .getString("key");
      assertThat(get(org.toString(), "", rival).statusCode()).isEqualTo(404);
    }
  }

  @Nested
  class Returns400 {
    @ParameterizedTest
    @CsvSource({
      "from=yesterday, ?from, invalid_format",
      "from=2026-01-01, ?from, invalid_format",
      "to=2026-01-01T00:00:00, ?to, invalid_format",
      "to=2026-01-01T00:00:00%2B01:00, ?to, invalid_format",
      "from=-1000000000-01-01T00:00:00Z, ?from, invalid_format",
      "to=+999999999-01-01T00:00:00Z, ?to, invalid_format",
      "to=, ?to, invalid_format",
      "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z, ?from, out_of_range",
      "from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z, ?from, out_of_range",
      "from=2999-01-01T00:00:00Z, ?from, out_of_range",
      "from=2026-01-01T00:00:00Z&to=2026-04-05T00:00:00Z, ?from, out_of_range",
      "from=2026-01-01T00:00:00Z&from=2026-01-01T00:00:00Z, ?from, repeated_parameter",
      "since=2026-01-01T00:00:00Z, ?since, unknown_parameter",
    })
    void forAQueryThatIsWrong(String query, String pointer, String code) {
      HttpResponse<String> response = get(UUID.randomUUID().toString(), "?" + query, ADMIN);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
      JsonObject error = json(response).getJsonArray("errors").getJsonObject(0);
      assertThat(error.getString("pointer")).isEqualTo(pointer);
      assertThat(error.getString("code")).isEqualTo(code);
    }

    @Test
    void forEverythingThatIsWrongAtOnce() {
      HttpResponse<String> response = get("some-org", "?from=x&to=y", ADMIN);
      assertThat(json(response).getJsonArray("errors")).hasSize(2);
    }
  }
}
