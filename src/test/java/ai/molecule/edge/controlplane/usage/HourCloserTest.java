package ai.molecule.edge.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class HourCloserTest {
  private static final Instant EIGHT = Instant.parse("2026-01-01T08:00:00Z");
  private static final Instant NINE = EIGHT.plus(HourlyLevels.HOUR);
  private static final long HOUR_MICROS = 3_600_000_000L;

  private static MeteredOrgs orgs;

  @BeforeAll
  static void start() {
    orgs = new MeteredOrgs(EIGHT);
  }

  @AfterAll
  static void stop() {
    orgs.close();
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
  void nodesThatCloseAtOnceCloseEveryHourOnce() {
    List<UUID> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      all.add(orgs.running(1));
    }
    orgs.at(EIGHT.plus(Duration.ofHours(3)).plus(MeteredOrgs.SETTLE));
    int closed = 0;
    int last;
    do {
      List<Future<Integer>> nodes = new ArrayList<>();
      for (int node = 0; node < 6; node++) {
        nodes.add(orgs.closer(7).closeBatch());
      }
      Await.result(Future.all(nodes));
      last = nodes.stream().mapToInt(Future::result).sum();
      closed += last;
    } while (last > 0);
    assertThat(closed).isEqualTo(40 * 3);
    assertThat(all).allMatch(org -> orgs.closed(org).size() == 3 && orgs.told(org).size() == 3);
  }

  @Test
  void aNodeThatDiesBeforeItsCommitHasClosedNothing() {
    UUID org = orgs.running(1);
    orgs.at(NINE.plus(MeteredOrgs.SETTLE));
    orgs.query(
        """
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_terminate_backend(pg_backend_pid());
            RETURN NULL;
        END $$
        """);
    // When everything is written, and the account as the last.
    orgs.query(
        "CREATE TRIGGER die AFTER UPDATE ON usage_accounts FOR EACH ROW EXECUTE FUNCTION die()");
    PostgresPools dying = PostgresPools.create(orgs.vertx, orgs.config);
    Await.failure(orgs.closer(dying, 10).closeBatch());
    Await.result(dying.close());
    orgs.query("DROP TRIGGER die ON usage_accounts");
    assertThat(orgs.closed(org)).isEmpty();
    assertThat(orgs.told(org)).isEmpty();
    assertThat(orgs.closedUntil(org)).isEqualTo(EIGHT);
    assertThat(orgs.closeAll()).isOne();
    assertThat(orgs.closed(org)).hasSize(1);
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

  /** A change that was begun in an hour, and is committed when that hour is over. */
  @Test
  void aChangeThatIsCommittedLateIsWaitedForAndInItsHour() {
    UUID org = orgs.running(1);
    UUID other = orgs.running(1);
    orgs.at(NINE.minusSeconds(60));
    SqlConnection connection = Await.result(orgs.pools.control().getConnection());
    Transaction transaction = Await.result(connection.begin());
    Await.result(
        connection
            .preparedQuery("UPDATE orgs SET seats = 61 WHERE id = $1")
            .execute(Tuple.of(org)));
    orgs.at(NINE.plus(MeteredOrgs.SETTLE));
    assertThat(orgs.closeAll()).as("the other one").isOne();
    assertThat(orgs.closed(other)).hasSize(1);
    assertThat(orgs.closed(org)).isEmpty();
    Await.result(transaction.commit());
    Await.result(connection.close());
    assertThat(orgs.closeAll()).isOne();
    assertThat(orgs.closed(org).getFirst().seatMicros())
        .isEqualTo((59 * 60 + 60 * 61) * 1_000_000L);
  }

  @Test
  void aClockThatGoesBackReopensNothing() {
    UUID org = orgs.running(1);
    orgs.at(NINE.plus(MeteredOrgs.SETTLE));
    orgs.closeAll();
    List<HourUsage> before = orgs.closed(org);
    orgs.at(EIGHT.plusSeconds(30));
    orgs.seats(org, 50);
    orgs.at(NINE.plus(HourlyLevels.HOUR).plus(MeteredOrgs.SETTLE));
    orgs.closeAll();
    assertThat(orgs.closed(org).getFirst()).isEqualTo(before.getFirst());
    assertThat(orgs.closed(org).getLast().seatMicros()).isEqualTo(50 * HOUR_MICROS);
  }

  @Test
  void callsThatAreBeingWrittenAreWaitedForAndInTheirHour() {
    UUID org = orgs.running(1);
    SqlConnection connection = Await.result(orgs.pools.control().getConnection());
    Transaction counting = Await.result(connection.begin());
    Await.result(connection.query("SELECT usage_counting()").execute());
    Await.result(
        connection
            .preparedQuery("INSERT INTO usage_calls VALUES ($1, $2, 'acme', $3, 5)")
            .execute(Tuple.of(UUID.randomUUID(), UsageRows.time(EIGHT), org)));
    orgs.at(NINE.plus(MeteredOrgs.SETTLE));
    Future<Integer> closing = orgs.closer(1).closeBatch();
    await().until(() -> closing.isComplete() || orgs.waitsForALock());
    Await.result(counting.commit());
    Await.result(connection.close());
    assertThat(Await.result(closing)).isOne();
    assertThat(orgs.closed(org).getFirst().apiCalls()).isEqualTo(5);
  }

  @Test
  void whatIsReadWhileHoursAreClosedHasEachOfThemOnce() {
    UUID org = orgs.running(2);
    orgs.calls(org, 3);
    orgs.at(EIGHT.plus(Duration.ofHours(20)).plus(MeteredOrgs.SETTLE));
    Instant end = EIGHT.plus(Duration.ofHours(20));
    List<HourUsage> before = orgs.shown(org, EIGHT, end);
    assertThat(before).hasSize(20);
    Future<Integer> closing = Future.succeededFuture(0);
    for (int hour = 0; hour < 20; hour++) {
      closing = closing.compose(closed -> orgs.closer(1).closeBatch());
    }
    do {
      assertThat(orgs.shown(org, EIGHT, end)).isEqualTo(before);
    } while (!closing.isComplete());
    assertThat(orgs.closed(org)).isEqualTo(before);
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

  @Nested
  class TheDatabaseItself {
    private UUID org;

    @BeforeEach
    void close() {
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
  }
}
