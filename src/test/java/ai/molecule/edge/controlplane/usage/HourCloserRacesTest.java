package ai.molecule.edge.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Hours are closed once and hold what belongs to them, whatever happens meanwhile: other nodes,
 * deaths, late commits, readers.
 */
class HourCloserRacesTest {
  private static final Instant EIGHT = Instant.parse("2026-01-01T08:00:00Z");
  private static final Instant NINE = EIGHT.plus(HourlyLevels.HOUR);

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
}
