package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.stores.PostgresServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LastUseFlusherTest {
  private static final long MILLIS = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  private static KeyDatabase database;
  private LastUse lastUse;
  private LastUseFlusher flusher;

  @BeforeAll
  static void startDatabase() {
    database = new KeyDatabase();
  }

  @AfterAll
  static void stopDatabase() {
    database.close();
  }

  @BeforeEach
  void start() {
    lastUse = new LastUse(100_000);
    flusher = new LastUseFlusher(database.vertx, lastUse, database.pools, rows -> {});
  }

  @Test
  void theFirstUseAndEveryLaterOneReachTheKey() {
    UUID key = key();
    assertThat(stored(key)).isNull();
    lastUse.cell(key).touch(MILLIS);
    Await.result(flusher.flushNow());
    assertThat(stored(key)).isEqualTo(Instant.ofEpochMilli(MILLIS));
    lastUse.cell(key).touch(MILLIS + 5);
    Await.result(flusher.flushNow());
    assertThat(stored(key)).isEqualTo(Instant.ofEpochMilli(MILLIS + 5));
    assertThat(flusher.flushedKeys()).isEqualTo(2);
  }

  @Test
  void aNodeThatIsBehindDoesNotMoveALastUseBack() {
    UUID key = key();
    LastUse other = new LastUse(10);
    lastUse.cell(key).touch(MILLIS + 10);
    other.cell(key).touch(MILLIS);
    Await.result(flusher.flushNow());
    Await.result(new LastUseFlusher(database.vertx, other, database.pools, rows -> {}).flushNow());
    assertThat(stored(key)).isEqualTo(Instant.ofEpochMilli(MILLIS + 10));
  }

  @Test
  void aClockThatRunsAheadCannotPutALastUseIntoTheFuture() {
    UUID key = key();
    lastUse.cell(key).touch(Long.MAX_VALUE);
    Await.result(flusher.flushNow());
    assertThat(stored(key)).isBeforeOrEqualTo(Instant.now().plusSeconds(1));
  }

  @Test
  void aKeyThatIsGoneDoesNotHoldTheOthersUp() {
    List<UUID> keys = List.of(key(), key(), key());
    database.query("DELETE FROM partner_keys WHERE id = $1", keys.get(1));
    for (UUID key : keys) {
      lastUse.cell(key).touch(MILLIS);
    }
    lastUse.cell(UUID.randomUUID()).touch(MILLIS);
    Await.result(flusher.flushNow());
    assertThat(stored(keys.get(0))).isNotNull();
    assertThat(stored(keys.get(2))).isNotNull();
    assertThat(database.count("SELECT count(*) FROM key_last_used WHERE key_id = $1", keys.get(1)))
        .isZero();
  }

  @Test
  void aRowThatPostgresRefusesCostsOneKeyItsLastUse() {
    List<UUID> keys = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      keys.add(key());
      lastUse.cell(keys.get(i)).touch(MILLIS);
    }
    database.query(
        "ALTER TABLE key_last_used ADD CONSTRAINT bad CHECK (key_id <> '" + keys.get(4) + "')");
    try {
      Await.result(flusher.flushNow());
    } finally {
      database.query("ALTER TABLE key_last_used DROP CONSTRAINT bad");
    }
    assertThat(flusher.droppedKeys()).isEqualTo(1);
    assertThat(flusher.flushedKeys()).isEqualTo(8);
    assertThat(keys.stream().filter(key -> stored(key) == null)).containsExactly(keys.get(4));
  }

  @Test
  void aBatchBeyondOneStatementIsWrittenWhole() {
    database.query(
        """
        INSERT INTO partner_keys (id, hash, root_hash, version, partner_id, environment, prefix,
                                  last4, name, scopes, rate_limit, burst, lineage_id, created_by,
                                  created_at)
        SELECT gen_random_uuid(), sha256(i::text::bytea), sha256(i::text::bytea), 1, 'many', 'live',
               'p', 'l', 'n', 1, 60, 60, gen_random_uuid(), 'admin', now()
          FROM generate_series(1, 5003) i
        """);
    database
        .query("SELECT id FROM partner_keys WHERE partner_id = 'many'")
        .forEach(row -> lastUse.cell(row.getUUID(0)).touch(MILLIS));
    Await.result(flusher.flushNow());
    assertThat(
            database.count(
                "SELECT count(*) FROM key_last_used JOIN partner_keys ON id = key_id"
                    + " WHERE partner_id = 'many'"))
        .isEqualTo(5003);
  }

  @Test
  void flushesOfTheSameKeysByManyNodesDoNotDeadlock() {
    List<UUID> keys = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      keys.add(key());
    }
    List<Future<Void>> flushes = new ArrayList<>();
    for (int node = 0; node < 8; node++) {
      LastUse registry = new LastUse(1_000);
      for (UUID key : node % 2 == 0 ? keys : keys.reversed()) {
        registry.cell(key).touch(MILLIS + node);
      }
      flushes.add(
          new LastUseFlusher(database.vertx, registry, database.pools, rows -> {}).flushNow());
    }
    Await.result(Future.all(flushes));
    assertThat(keys).allMatch(key -> Instant.ofEpochMilli(MILLIS + 7).equals(stored(key)));
  }

  @Test
  void whatAFailedFlushHeldIsPartOfTheNext() {
    try (PostgresServerHandle server = TestStores.startPostgres();
        KeyDatabase own = new KeyDatabase(server.uri())) {
      UUID key = own.created(KeyDraft.ofPartner("acme")).id();
      LastUse registry = new LastUse(10);
      LastUseFlusher ownFlusher = new LastUseFlusher(own.vertx, registry, own.pools, rows -> {});
      registry.cell(key).touch(MILLIS);
      server.stop();
      Throwable failure = Await.failure(ownFlusher.flushNow());
      assertThat(Problem.from(failure).code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE);
      assertThat(ownFlusher.failedFlushes()).isEqualTo(1);
      server.start();
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptionsMatching(AssertionError.class::isInstance)
          .untilAsserted(() -> Await.result(ownFlusher.flushNow()));
      KeyRecord after = Await.result(own.store.find(new Reach.Everything(), key)).orElseThrow();
      assertThat(after.lastUsedAt()).isEqualTo(Instant.ofEpochMilli(MILLIS));
    }
  }

  @Test
  void startedItFlushesByItselfAndStoppedItFlushesOnceMore() {
    UUID key = key();
    UUID last = key();
    lastUse.cell(key).touch(MILLIS);
    flusher.start(Duration.ofMillis(20));
    await().until(() -> stored(key) != null);
    await().until(() -> lastUse.size() == 0);
    assertThat(flusher.lagMillis()).isLessThan(5_000);
    lastUse.cell(last).touch(MILLIS);
    Await.result(flusher.stop());
    assertThat(stored(last)).isNotNull();
  }

  @Test
  void flushesAskedForAtOnceFollowOneAnother() {
    UUID key = key();
    List<Future<Void>> flushes = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      lastUse.cell(key).touch(MILLIS + i);
      flushes.add(flusher.flushNow());
    }
    Await.result(Future.all(flushes));
    assertThat(stored(key)).isEqualTo(Instant.ofEpochMilli(MILLIS + 20));
  }

  private static UUID key() {
    return database.created(KeyDraft.ofPartner("acme")).id();
  }

  private static @Nullable Instant stored(UUID key) {
    return Await.result(database.store.find(new Reach.Everything(), key))
        .map(KeyRecord::lastUsedAt)
        .orElse(null);
  }
}
