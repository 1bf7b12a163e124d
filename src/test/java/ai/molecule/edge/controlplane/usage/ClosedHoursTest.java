package ai.molecule.edge.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is closed stays as it is: the database itself refuses to change it. */
class ClosedHoursTest {
  private static final Instant EIGHT = Instant.parse("2026-01-01T08:00:00Z");
  private static final Instant NINE = EIGHT.plus(HourlyLevels.HOUR);
  private static final long HOUR_MICROS = 3_600_000_000L;
  @AutoClose private static MeteredOrgs orgs;

  @BeforeAll
  static void start() {
    orgs = new MeteredOrgs(EIGHT);
  }

  private UUID org;

  @BeforeEach
  void close() {
    orgs.beginAt(EIGHT);
    org = orgs.running(1);
    orgs.at(NINE.plus(MeteredOrgs.SETTLE));
    orgs.closeAll();
  }

  @Test
  void refusesToChangeOrRemoveAClosedHour() {
    assertThat(orgs.refused("UPDATE usage_hours SET api_calls = 1 WHERE org_id = $1", org))
        .hasMessageContaining("not to be changed");
    assertThat(orgs.refused("DELETE FROM usage_hours WHERE org_id = $1", org))
        .hasMessageContaining("not to be changed");
  }

  @Test
  void refusesASecondRowOfAClosedHour() {
    assertThat(
            orgs.refused(
                """
                INSERT INTO usage_hours (org_id, hour, org_micros, seat_micros, workspace_micros,
                                         api_calls)
                VALUES ($1, $2, 0, 0, 0, 1)
                """,
                org,
                UsageRows.time(EIGHT.minus(HourlyLevels.HOUR))))
        .hasMessageContaining("not the one to be closed");
  }

  @Test
  void refusesToOpenAnHourAgain() {
    assertThat(
            orgs.refused(
                "UPDATE usage_accounts SET closed_until = $2 WHERE org_id = $1",
                org,
                UsageRows.time(EIGHT)))
        .hasMessageContaining("are closed");
  }

  @Test
  void refusesALevelInAClosedHourAndToChangeOne() {
    assertThat(
            orgs.refused(
                "INSERT INTO usage_levels VALUES ($1, $2, 1, 9, 9)",
                org,
                UsageRows.time(NINE.minusMillis(1))))
        .hasMessageContaining("is closed at");
    assertThat(orgs.refused("UPDATE usage_levels SET seats = 9 WHERE org_id = $1", org))
        .hasMessageContaining("not to be changed");
  }

  @Test
  void aClockThatGoesBackReopensNothing() {
    List<HourUsage> before = orgs.closed(org);
    orgs.at(EIGHT.plusSeconds(30));
    orgs.seats(org, 50);
    orgs.at(NINE.plus(HourlyLevels.HOUR).plus(MeteredOrgs.SETTLE));
    orgs.closeAll();
    assertThat(orgs.closed(org).getFirst()).isEqualTo(before.getFirst());
    assertThat(orgs.closed(org).getLast().seatMicros()).isEqualTo(50 * HOUR_MICROS);
  }
}
