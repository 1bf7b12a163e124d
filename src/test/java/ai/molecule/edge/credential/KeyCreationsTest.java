package ai.molecule.edge.credential;

import static ai.molecule.edge.credential.KeyDatabase.AUDIT;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.StoreFailures;
import ai.molecule.edge.postgres.TransactionFrame;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Keys asked for in one moment are written together, and none feels the others. */
class KeyCreationsTest {
  private static final Reach EVERYTHING = new Reach.Everything();

  private static KeyDatabase database;
  private static Context loop;

  @BeforeAll
  static void start() {
    database = new KeyDatabase();
    loop = database.vertx.getOrCreateContext();
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  @Test
  void what_is_asked_for_in_one_turn_is_one_commit_with_one_audit_row_a_key() {
    List<KeyRecord> keys = keys("together", KeyCreations.BATCH_MAX - 1);
    for (Future<Committed> created : createdAtOnce(keys)) {
      KeyRecord key = Await.result(created).key();
      assertThat(found(key)).isEqualTo(key);
      assertThat(Await.result(created).changed()).isFalse();
      assertThat(audits(key)).isEqualTo(1);
    }
    assertThat(commits("together")).isEqualTo(1);
  }

  @Test
  void members_are_not_mixed_up_among_keys_written_together() {
    KeyDraft ended = KeyDraft.ofPartner("members");
    ended.expiresAt = Instant.parse("2100-01-02T03:04:05.123456Z");
    ended.revokedAt = Instant.parse("2026-01-02T03:04:05.000001Z");
    ended.predecessorId = UUID.randomUUID();
    ended.limit = new Limit(60_000_000, 1_000_000);
    ended.name = "\"a\" {name, with} \\ what arrays quote, and NULL";
    KeyDraft disabled = KeyDraft.ofPartner("members");
    disabled.disabled = true;
    disabled.successorId = UUID.randomUUID();
    disabled.rotatedAt = Instant.parse("2026-03-04T05:06:07Z");
    disabled.graceUntil = Instant.parse("2100-03-04T05:06:07Z");
    List<KeyRecord> keys =
        List.of(KeyDraft.ofPartner("members").record(), ended.record(), disabled.record());
    List<Future<Committed>> created = createdAtOnce(keys);
    for (int i = 0; i < keys.size(); i++) {
      assertThat(Await.result(created.get(i)).key()).isEqualTo(keys.get(i));
      assertThat(found(keys.get(i))).isEqualTo(keys.get(i));
    }
    assertThat(commits("members")).isEqualTo(1);
  }

  @Test
  void more_than_a_batch_is_several_and_none_is_lost() {
    List<KeyRecord> keys = keys("many", 3 * KeyCreations.BATCH_MAX + 7);
    createdAtOnce(keys).forEach(Await::result);
    assertThat(database.count("SELECT count(*) FROM partner_keys WHERE partner_id = 'many'"))
        .isEqualTo(keys.size());
    assertThat(database.count("SELECT count(*) FROM audit_log WHERE partner_id = 'many'"))
        .isEqualTo(keys.size());
    assertThat(commits("many")).isEqualTo(4);
  }

  @Test
  void a_key_that_postgres_refuses_hurts_only_itself() {
    List<KeyRecord> keys = keys("refused", 20);
    KeyDraft unspeakable = KeyDraft.of(keys.get(7));
    unspeakable.name = "a\u0000b";
    keys.set(7, unspeakable.record());
    KeyDraft taken = KeyDraft.of(keys.get(12));
    taken.id = keys.get(3).id();
    keys.set(12, taken.record());

    List<Future<Committed>> created = createdAtOnce(keys);
    for (int i = 0; i < keys.size(); i++) {
      if (i == 7 || i == 12) {
        assertThat(StoreFailures.isDataError(Await.failure(created.get(i)))).isTrue();
      } else {
        assertThat(found(Await.result(created.get(i)).key())).isEqualTo(keys.get(i));
      }
    }
    assertThat(database.count("SELECT count(*) FROM partner_keys WHERE partner_id = 'refused'"))
        .isEqualTo(18);
    assertThat(database.count("SELECT count(*) FROM audit_log WHERE partner_id = 'refused'"))
        .isEqualTo(18);
  }

  @Test
  void what_a_frame_refuses_is_its_own_failure() {
    List<KeyRecord> keys = keys("framed", 2);
    TransactionFrame<Committed> refusing =
        new TransactionFrame<>() {
          @Override
          public Future<Committed> around(
              SqlConnection connection, Supplier<Future<Committed>> work) {
            return work.get()
                .compose(made -> Future.failedFuture(Problem.of(ProblemCode.WRONG_STATE)));
          }

          @Override
          public boolean writes() {
            return false;
          }
        };
    KeyCreations creations = database.store.creations();
    List<Future<Committed>> created =
        onLoop(
            () ->
                List.of(
                    creations.create(keys.get(0), AUDIT, refusing),
                    creations.create(keys.get(1), AUDIT, TransactionFrame.none())));
    assertThat(Problem.from(Await.failure(created.get(0))).code())
        .isEqualTo(ProblemCode.WRONG_STATE);
    assertThat(Await.result(created.get(1)).key()).isEqualTo(keys.get(1));
  }

  @Test
  void what_is_not_committed_is_not_acknowledged_and_holds_up_no_later_key() {
    List<KeyRecord> keys = keys("hanging", 2);
    // Whoever holds the hash of the first key uncommitted makes its insertion wait.
    Promise<Void> release = Promise.promise();
    Promise<Void> holding = Promise.promise();
    KeyDraft rival = KeyDraft.of(keys.get(0));
    Future<?> held =
        database.pools.transaction(
            database.pools.auth(),
            connection ->
                database
                    .store
                    .createWithin(connection, rival.record(), AUDIT)
                    .onSuccess(written -> holding.complete())
                    .compose(written -> release.future())
                    .compose(freed -> Future.failedFuture("rolled back")));
    Await.result(holding.future());
    KeyCreations creations = database.store.creations();
    List<Future<Committed>> hung = onLoop(() -> List.of(create(creations, keys.get(0))));
    List<Future<Committed>> later = onLoop(() -> List.of(create(creations, keys.get(1))));
    assertThat(Await.result(later.get(0)).key()).isEqualTo(keys.get(1));
    assertThat(hung.get(0).isComplete()).isFalse();
    release.complete();
    assertThat(Await.result(hung.get(0)).key()).isEqualTo(keys.get(0));
    Await.failure(held);
  }

  private static List<KeyRecord> keys(String partnerId, int count) {
    List<KeyRecord> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(KeyDraft.ofPartner(partnerId).record());
    }
    return keys;
  }

  /** Asks for all of them in one turn of an event loop. */
  private static List<Future<Committed>> createdAtOnce(List<KeyRecord> keys) {
    KeyCreations creations = database.store.creations();
    return onLoop(() -> keys.stream().map(key -> create(creations, key)).toList());
  }

  private static Future<Committed> create(KeyCreations creations, KeyRecord key) {
    return creations.create(key, AUDIT, TransactionFrame.none());
  }

  private static <T> T onLoop(Supplier<T> action) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(turn -> done.complete(action.get()));
    return Await.result(done.future());
  }

  private static KeyRecord found(KeyRecord key) {
    return Await.result(database.store.find(EVERYTHING, key.id())).orElseThrow();
  }

  private static long audits(KeyRecord key) {
    return database.count(
        "SELECT count(*) FROM audit_log WHERE target_id = $1", key.id().toString());
  }

  /** How many transactions wrote the keys of that partner. */
  private static long commits(String partnerId) {
    return database.count(
        "SELECT count(DISTINCT xmin::text) FROM partner_keys WHERE partner_id = $1", partnerId);
  }
}
