package ai.molecule.edge.controlplane.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.TestDatabase;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is forgotten when, and that finding it walks no table. */
class RememberedAnswersTest {
  private static final int ROWS = 5000;

  @AutoClose private static TestDatabase database;

  @BeforeAll
  static void start() {
    database = new TestDatabase();
  }

  private static void fill(int rows) {
    fill(rows, rows);
  }

  /** A row for each minute, the first made just now; the newest still have their secrets. */
  private static void fill(int rows, int sealed) {
    database.query("TRUNCATE idempotency_keys");
    database.query(
        """
        INSERT INTO idempotency_keys (id, caller, route, body_hash, status, location, answer,
                                      sealed, scopes, outbox_id, created_at)
        SELECT sha256(i::text::bytea), 'admin', 'POST /x', sha256(''), 201, '/x/1', '',
               CASE WHEN i < $2::integer THEN 'sealed'::bytea END, 0, 0, clock_timestamp() - i * interval '1 minute'
          FROM generate_series(0, $1::integer - 1) i
        """,
        rows,
        sealed);
    database.query("ANALYZE idempotency_keys");
  }

  @Test
  void aSweepForgetsSecretsAfterTenMinutesAndAnswersAfterADay() {
    fill(ROWS);
    Await.result(new IdempotencySweeper(new RememberedAnswers(database.pools)).sweep());

    assertThat(count("sealed IS NOT NULL")).isEqualTo(10);
    assertThat(count("true")).isEqualTo(24 * 60);
    assertThat(count("sealed IS NOT NULL AND created_at < now() - interval '10 minutes'")).isZero();
  }

  @Test
  void noQueryWalksTheTable() {
    fill(ROWS, 20);
    Buffer id = Buffer.buffer(new byte[32]);
    assertThat(plan(RememberedAnswers.FIND, Tuple.of(id))).contains("idempotency_keys_pkey");
    assertThat(plan(RememberedAnswers.FORGET_SECRETS, Tuple.of(10)))
        .contains("idempotency_keys_sealed");
    assertThat(plan(RememberedAnswers.FORGET, Tuple.of(10))).contains("idempotency_keys_oldest");
  }

  private static String plan(String sql, Tuple parameters) {
    return database.plan(sql, parameters, "");
  }

  private static long count(String condition) {
    return database.count("SELECT count(*) FROM idempotency_keys WHERE " + condition);
  }
}
