package ai.molecule.edge.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When hours are closed, what they hold, and what partners are told of them. */
class HourCloserTest {
  private static final Instant EIGHT = Instant.parse("2026-01-01T08:00:00Z");
  private static final Instant NINE = EIGHT.plus(HourlyLevels.HOUR);
  private static final long HOUR_MICROS = 3_600_000_000L;
  @AutoClose private static MeteredOrgs orgs;

  @BeforeAll
  static void start() {
    orgs = new MeteredOrgs(EIGHT);
  }

  @BeforeEach
  void begin() {
    orgs.beginAt(EIGHT);
  }

  @Test
  void anHourIsClosedOnceItIsOverAndLateCallsHadTheirTime() {
    UUID org = orgs.running(3);
    orgs.calls(org, 7);
    orgs.at(NINE.plus(MeteredOrgs.SETTLE).minusMillis(1));
    assertThat(orgs.closeAll()).isZero();
    assertThat(Await.result(orgs.closer(1).overdueSeconds())).isZero();

    orgs.pass(Duration.ofMillis(2));
    assertThat(Await.result(orgs.closer(1).overdueSeconds())).isPositive();
    assertThat(orgs.closeAll()).isOne();
    assertThat(orgs.closed(org))
        .containsExactly(new HourUsage(EIGHT, HOUR_MICROS, 3 * HOUR_MICROS, 0, 7));
    assertThat(orgs.closedUntil(org)).isEqualTo(NINE);
    assertThat(orgs.closeAll()).isZero();
  }

  @Test
  void hoursThatWereMissedAreClosedOneByOne() {
    UUID org = orgs.running(1);
    orgs.at(EIGHT.plus(Duration.ofHours(30)));
    assertThat(orgs.closeAll()).isEqualTo(29);
    assertThat(orgs.closed(org)).hasSize(29).allMatch(hour -> hour.orgMicros() == HOUR_MICROS);
  }

  @Test
  void theLastHourIsClosedSoonAfterTheOrgEndedAndIsItsLast() {
    UUID org = orgs.running(2);
    orgs.pass(Duration.ofMinutes(15));
    orgs.calls(org, 1);
    orgs.end(org);
    orgs.pass(MeteredOrgs.SETTLE.minusMillis(1));
    orgs.calls(org, 4);
    assertThat(orgs.closeAll()).isZero();
    orgs.pass(Duration.ofMillis(1));
    assertThat(orgs.closeAll()).isOne();
    assertThat(orgs.closed(org))
        .containsExactly(new HourUsage(EIGHT, HOUR_MICROS / 4, HOUR_MICROS / 2, 0, 5));
    assertThat(orgs.isSettled(org)).isTrue();

    orgs.pass(Duration.ofDays(3));
    assertThat(orgs.closeAll()).isZero();
  }

  @Test
  void everyHourIsToldOnceWithItsUsageAndTheLastAsSuch() {
    UUID org = orgs.running(2);
    orgs.calls(org, 7);
    orgs.at(NINE.plus(Duration.ofMinutes(30)));
    orgs.end(org);
    orgs.pass(MeteredOrgs.SETTLE);
    orgs.closeAll();
    orgs.closeAll();
    List<JsonObject> told = orgs.told(org);
    assertThat(told).hasSize(2);
    assertThat(told.getFirst())
        .isEqualTo(
            new JsonObject(
                """
                {"type": "usage.hourly", "timestamp": "2026-01-01T09:00:00.000Z", "data": {
                  "org_id": "%s", "partner_id": "acme", "hour": "2026-01-01T08:00:00.000Z",
                  "last": false, "meters": [
                    {"meter": "org_hours", "unit": "org_hour", "quantity": 1},
                    {"meter": "seat_hours", "unit": "seat_hour", "quantity": 2},
                    {"meter": "workspace_hours", "unit": "workspace_hour", "quantity": 0},
                    {"meter": "api_calls", "unit": "call", "quantity": 7}]}}
                """
                    .formatted(org)));
    assertThat(told.getLast().getString("timestamp")).isEqualTo("2026-01-01T09:30:00.000Z");
    JsonObject last = told.getLast().getJsonObject("data");
    assertThat(last.getBoolean("last")).isTrue();
    assertThat(last.getJsonArray("meters").getJsonObject(0).getDouble("quantity")).isEqualTo(0.5);
  }

  @Test
  void anHourWithoutUsageIsNotToldUnlessItIsTheLast() {
    UUID org = orgs.created(1);
    orgs.at(NINE.plus(Duration.ofMinutes(30)));
    orgs.closeAll();
    assertThat(orgs.told(org)).isEmpty();
    orgs.end(org);
    orgs.pass(MeteredOrgs.SETTLE);
    orgs.closeAll();
    assertThat(orgs.told(org)).hasSize(1);
  }

  @Test
  void anOrgThatNeverRanHasUsedNothing() {
    UUID org = orgs.created(5);
    orgs.pass(Duration.ofHours(2));
    orgs.end(org);
    orgs.pass(Duration.ofHours(2));
    orgs.closeAll();
    assertThat(orgs.closed(org)).isEmpty();
    assertThat(orgs.isSettled(org)).isTrue();
  }

  @Test
  void aSuspendedOrgIsMeteredOn() {
    UUID org = orgs.running(1);
    orgs.pass(Duration.ofMinutes(20));
    orgs.status(org, "suspended");
    orgs.at(NINE.plus(MeteredOrgs.SETTLE));
    orgs.closeAll();
    assertThat(orgs.closed(org).getFirst().orgMicros()).isEqualTo(HOUR_MICROS);
  }

  @Test
  void changesAtOneMomentLeaveTheLast() {
    UUID org = orgs.running(1);
    orgs.seats(org, 2);
    orgs.seats(org, 9);
    orgs.addWorkspaces(org, 1);
    orgs.at(NINE.plus(MeteredOrgs.SETTLE));
    orgs.closeAll();
    HourUsage hour = orgs.closed(org).getFirst();
    assertThat(hour.seatMicros()).isBetween(9 * HOUR_MICROS - 100, 9 * HOUR_MICROS);
    assertThat(hour.workspaceMicros()).isBetween(HOUR_MICROS - 100, HOUR_MICROS);
  }

  @Test
  void nodesThatEndedLongAgoAreForgotten() {
    orgs.query(
        """
        INSERT INTO usage_flushes (node_id, sequence, flushed_at)
        VALUES (gen_random_uuid(), 1, now() - interval '31 days'),
               (gen_random_uuid(), 2, now() - interval '29 days')
        """);
    Await.result(orgs.closer(1).forgetNodes());
    assertThat(orgs.query("SELECT sequence FROM usage_flushes").iterator().next().getLong(0))
        .isEqualTo(2);
    assertThat(orgs.query("SELECT sequence FROM usage_flushes").size()).isOne();
  }
}
