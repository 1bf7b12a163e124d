package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.LosingWire;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CallFlusherTest {
  private static final Instant EIGHT = Instant.parse("2026-01-01T08:00:00Z");
  private static final Instant NINE = EIGHT.plusSeconds(3_600);

  private static final String URI = TestStores.freshDatabase();
  private static KeyDatabase database;

  private final AtomicLong clock = new AtomicLong(EIGHT.toEpochMilli());
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong late = new AtomicLong();
  private LastUse lastUse;
  private CallFlusher flusher;

  @BeforeAll
  static void startDatabase() {
    database = new KeyDatabase(URI);
    // The first connections of a JVM that has loaded nothing yet may come too late.
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsMatching(AssertionError.class::isInstance)
        .untilAsserted(CallFlusherTest::key);
  }

  @AfterAll
  static void stopDatabase() {
    database.close();
  }

  @BeforeEach
  void start() {
    lastUse = new LastUse(100_000);
    flusher = flusher(database, lastUse);
  }

  private CallFlusher flusher(KeyDatabase of, LastUse counted) {
    return new CallFlusher(
        of.vertx,
        counted,
        of.pools,
        clock::get,
        (calls, tooLate) -> {
          written.addAndGet(calls);
          late.addAndGet(tooLate);
        });
  }

  private static UUID key() {
    return database.created(KeyDraft.ofPartner("acme")).id();
  }

  private static UUID keyOf(UUID org) {
    KeyDraft draft = KeyDraft.ofPartner("acme");
    draft.orgId = org;
    return database.created(draft).id();
  }

  /** An org whose hours before {@code until} are closed. */
  private static UUID orgClosedUntil(Instant until) {
    UUID org = database.org("acme", "running");
    database.query("ALTER TABLE usage_accounts DISABLE TRIGGER USER");
    database.query(
        "UPDATE usage_accounts SET closed_until = $2::text::timestamptz WHERE org_id = $1",
        org,
        until.toString());
    database.query("ALTER TABLE usage_accounts ENABLE TRIGGER USER");
    return org;
  }

  private void admit(UUID key, Instant at, int calls) {
    for (int i = 0; i < calls; i++) {
      lastUse.cell(key).admitted(at.toEpochMilli());
    }
  }

  /** Calls in Postgres by their hour. */
  private static TreeMap<Instant, Long> counted(UUID key) {
    TreeMap<Instant, Long> counted = new TreeMap<>();
    for (Row row :
        database.query(
            "SELECT hour, calls FROM usage_calls WHERE key_id = $1 ORDER BY hour", key)) {
      counted.put(row.getOffsetDateTime(0).toInstant(), row.getLong(1));
    }
    return counted;
  }

  @Test
  void callsAddUpByKeyAndHour() {
    UUID key = key();
    UUID other = key();
    admit(key, EIGHT, 3);
    admit(other, EIGHT, 1);
    Await.result(flusher.flushNow());
    admit(key, NINE.minusMillis(1), 2);
    admit(key, NINE, 4);
    clock.set(NINE.toEpochMilli());
    Await.result(flusher.flushNow());
    assertThat(counted(key)).isEqualTo(new TreeMap<>(Map.of(EIGHT, 5L, NINE, 4L)));
    assertThat(counted(other)).containsOnly(Map.entry(EIGHT, 1L));
    assertThat(written).hasValue(10);
  }

  @Test
  void callsOfManyNodesAddUp() {
    UUID key = key();
    List<Future<Void>> flushes = new ArrayList<>();
    for (int node = 0; node < 8; node++) {
      LastUse own = new LastUse(10);
      own.cell(key).admitted(EIGHT.toEpochMilli());
      flushes.add(flusher(database, own).flushNow());
    }
    Await.result(Future.all(flushes));
    assertThat(counted(key)).containsOnly(Map.entry(EIGHT, 8L));
  }

  @Test
  void aBatchWhoseCommitNobodyHeardOfCountsOnce() {
    try (LosingWire wire = new LosingWire(URI);
        KeyDatabase behind = new KeyDatabase(wire.uri())) {
      UUID key = key();
      CallFlusher cutOff = flusher(behind, lastUse);
      admit(key, EIGHT, 3);
      wire.loseCommits(1);
      Await.failure(cutOff.flushNow());
      assertThat(counted(key)).as("it was committed").containsOnly(Map.entry(EIGHT, 3L));
      admit(key, EIGHT, 2);
      await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptionsMatching(AssertionError.class::isInstance)
          .untilAsserted(() -> Await.result(cutOff.flushNow()));
      assertThat(wire.left()).isZero();
      assertThat(counted(key)).containsOnly(Map.entry(EIGHT, 5L));
    }
  }

  @Test
  void callsOfManyBatchesLoseNoneAndDoubleNoneWhenAnswersAreLost() {
    int keys = CallFlusher.BATCH_MAX + 3;
    database.query(
        """
        INSERT INTO partner_keys (id, hash, root_hash, version, partner_id, environment, prefix,
                                  last4, name, scopes, rate_limit, burst, lineage_id, created_by,
                                  created_at)
        SELECT gen_random_uuid(), sha256(i::text::bytea), sha256(i::text::bytea), 1, 'many', 'live',
               'p', 'l', 'n', 1, 60, 60, gen_random_uuid(), 'admin', now()
          FROM generate_series(1, $1) i
        """,
        keys);
    try (LosingWire wire = new LosingWire(URI);
        KeyDatabase behind = new KeyDatabase(wire.uri())) {
      CallFlusher cutOff = flusher(behind, lastUse);
      database
          .query("SELECT id FROM partner_keys WHERE partner_id = 'many'")
          .forEach(row -> admit(row.getUUID(0), EIGHT, 2));
      wire.loseCommits(2);
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptionsMatching(AssertionError.class::isInstance)
          .untilAsserted(() -> Await.result(cutOff.flushNow()));
      assertThat(wire.left()).isZero();
      assertThat(
              database.count("SELECT sum(calls)::int8 FROM usage_calls WHERE partner_id = 'many'"))
          .isEqualTo(2L * keys);
    }
  }

  @Test
  void aCallOfAClosedHourIsOfTheFirstOpenOne() {
    UUID key = keyOf(orgClosedUntil(NINE));
    admit(key, EIGHT, 3);
    Await.result(flusher.flushNow());
    assertThat(counted(key)).containsOnly(Map.entry(NINE, 3L));
  }

  @Test
  void anHourThatIsBeingClosedIsWaitedForAndItsCallsGoToTheNext() {
    UUID org = orgClosedUntil(EIGHT);
    UUID key = keyOf(org);
    SqlConnection connection = Await.result(database.pools.control().getConnection());
    Transaction closing = Await.result(connection.begin());
    Await.result(connection.query("SELECT usage_closing()").execute());
    Await.result(
        connection
            .preparedQuery(
                "UPDATE usage_accounts SET closed_until = closed_until + interval '1 hour'"
                    + " WHERE org_id = $1")
            .execute(Tuple.of(org)));
    admit(key, EIGHT, 3);
    Future<Void> flush = flusher.flushNow();
    await().until(() -> flush.isComplete() || waitsForALock());
    Await.result(closing.commit());
    Await.result(connection.close());
    Await.result(flush);
    assertThat(counted(key)).containsOnly(Map.entry(NINE, 3L));
  }

  private static boolean waitsForALock() {
    return database.count(
            """
            SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
             WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()
            """)
        > 0;
  }

  @Test
  void aCallOfAnOrgWhoseLastHourIsClosedIsNoOnesAndIsTold() {
    UUID org = orgClosedUntil(EIGHT);
    UUID key = keyOf(org);
    database.query(
        """
        UPDATE usage_accounts SET closed_until = closed_until + interval '1 hour', due_at = NULL,
                                  ended_at = closed_until, settled_at = now() WHERE org_id = $1
        """,
        org);
    admit(key, EIGHT, 3);
    Await.result(flusher.flushNow());
    assertThat(counted(key)).isEmpty();
    assertThat(late).hasValue(3);
    assertThat(written).hasValue(0);
  }

  @Test
  void aClockThatRunsAheadPutsNoCallIntoTheFuture() {
    UUID key = key();
    Instant ahead = Instant.now().plus(Duration.ofDays(2));
    clock.set(ahead.toEpochMilli());
    admit(key, ahead, 1);
    Await.result(flusher.flushNow());
    assertThat(counted(key).firstKey()).isBeforeOrEqualTo(Instant.now());
  }

  @Test
  void aKeyThatIsGoneDoesNotHoldTheOthersUp() {
    UUID key = key();
    admit(UUID.randomUUID(), EIGHT, 1);
    admit(key, EIGHT, 1);
    Await.result(flusher.flushNow());
    assertThat(counted(key)).containsOnly(Map.entry(EIGHT, 1L));
  }

  @Test
  void startedItFlushesByItselfAndStoppedItFlushesOnceMore() {
    UUID key = key();
    admit(key, EIGHT, 1);
    flusher.start(Duration.ofMillis(20));
    await().until(() -> counted(key).containsValue(1L));
    admit(key, EIGHT, 1);
    Await.result(flusher.stop());
    assertThat(counted(key)).containsOnly(Map.entry(EIGHT, 2L));
  }

  @Test
  void flushesAskedForAtOnceCarryEverythingThatWasCountedBefore() {
    UUID key = key();
    List<Future<Void>> flushes = new ArrayList<>();
    for (int i = 1; i <= 50; i++) {
      admit(key, EIGHT, 1);
      flushes.add(flusher.flushNow());
    }
    Await.result(flushes.getLast());
    assertThat(counted(key)).containsOnly(Map.entry(EIGHT, 50L));
    Await.result(Future.all(flushes));
  }
}
