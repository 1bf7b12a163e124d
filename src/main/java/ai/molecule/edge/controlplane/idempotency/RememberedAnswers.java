package ai.molecule.edge.controlplane.idempotency;

import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Map;
import java.util.Optional;

/**
 * The answers to calls that made something, for 24 hours, their secrets for ten minutes, by
 * Postgres' clock. On the control pool; safe on any thread. Everything fails with {@code
 * store_unavailable} when Postgres cannot serve in time.
 */
public final class RememberedAnswers {
  private static final int RETRY_AFTER_SECONDS = 1;

  // Index: the primary key.
  static final String FIND =
      """
      SELECT body_hash, status, location, answer, scopes, outbox_id,
             CASE WHEN created_at > clock_timestamp() - interval '10 minutes' THEN sealed END
               AS sealed
        FROM idempotency_keys
       WHERE id = $1 AND created_at > clock_timestamp() - interval '24 hours'
      """;

  /** Not waited for. It ends with the transaction, and so with the connection. */
  private static final String LOCK = "SELECT pg_try_advisory_xact_lock($1)";

  // Index: the primary key.
  private static final String REMEMBER =
      """
      INSERT INTO idempotency_keys AS k
             (id, caller, route, body_hash, status, location, answer, sealed, scopes, outbox_id)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      ON CONFLICT (id) DO UPDATE
         SET body_hash = $4, status = $5, location = $6, answer = $7, sealed = $8, scopes = $9,
             outbox_id = $10, created_at = clock_timestamp()
       WHERE k.created_at <= clock_timestamp() - interval '24 hours'
      """;

  // Index: idempotency_keys_sealed.
  static final String FORGET_SECRETS =
      """
      UPDATE idempotency_keys SET sealed = NULL
       WHERE id IN (
             SELECT id FROM idempotency_keys
              WHERE sealed IS NOT NULL
                AND created_at <= clock_timestamp() - interval '10 minutes'
              ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)
      """;

  // Index: idempotency_keys_oldest.
  static final String FORGET =
      """
      DELETE FROM idempotency_keys
       WHERE id IN (
             SELECT id FROM idempotency_keys
              WHERE created_at <= clock_timestamp() - interval '24 hours'
              ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)
      """;

  private final PostgresPools pools;

  /** The answers behind {@code pools}. */
  public RememberedAnswers(PostgresPools pools) {
    this.pools = pools;
  }

  /** What is known of {@code call}. */
  public Future<Remembered> find(IdempotentCall call) {
    return pools
        .measured(
            StoreOp.READ, pools.query(pools.control(), FIND, Tuple.of(Buffer.buffer(call.id()))))
        .map(rows -> rows.size() == 0 ? new Remembered.Nothing() : read(call, first(rows)));
  }

  private static Remembered read(IdempotentCall call, Row row) {
    if (!call.hasBody(row.getBuffer("body_hash").getBytes())) {
      return new Remembered.OtherBody();
    }
    Buffer sealed = row.getBuffer("sealed");
    Optional<Buffer> shown =
        Optional.ofNullable(sealed)
            .flatMap(bytes -> AnswerSeal.open(call, bytes.getBytes()))
            .map(Buffer::buffer);
    Answer answer =
        new Answer(
            row.getInteger("status"),
            shown.orElseGet(() -> row.getBuffer("answer")),
            Map.of("Location", row.getString("location")));
    return new Remembered.Done(
        shown.isPresent() ? answer.noStore() : answer,
        new ScopeSet(row.getInteger("scopes")),
        row.getLong("outbox_id"));
  }

  /**
   * Takes {@code call} for the transaction that is open on {@code connection}.
   *
   * @return fails with {@code idempotency_in_flight} when another transaction has it, or has had it
   *     and is remembered
   */
  Future<Void> claim(SqlConnection connection, IdempotentCall call) {
    // Two statements: the second must see what the holder before committed.
    Future<RowSet<Row>> lock = connection.preparedQuery(LOCK).execute(Tuple.of(call.lock()));
    Future<RowSet<Row>> found =
        connection.preparedQuery(FIND).execute(Tuple.of(Buffer.buffer(call.id())));
    return Future.join(lock, found)
        .map(
            both -> {
              if (!first(lock.result()).getBoolean(0) || found.result().size() > 0) {
                throw inFlight();
              }
              return null;
            });
  }

  /** Remembers the answer to {@code call} if the transaction on {@code connection} commits. */
  Future<Void> remember(SqlConnection connection, IdempotentCall call, Creation made) {
    Buffer sealed =
        made.secret() == null
            ? null
            : Buffer.buffer(AnswerSeal.seal(call, made.shown().getBytes()));
    return connection
        .preparedQuery(REMEMBER)
        .execute(
            Tuple.tuple()
                .addBuffer(Buffer.buffer(call.id()))
                .addString(call.caller())
                .addString(call.route())
                .addBuffer(Buffer.buffer(call.bodyHash()))
                .addInteger(Creation.STATUS)
                .addString(made.location())
                .addBuffer(made.lasting())
                .addBuffer(sealed)
                .addInteger(made.scopes().mask())
                .addLong(made.outboxId()))
        .map(
            rows -> {
              if (rows.rowCount() != 1) {
                throw inFlight();
              }
              return null;
            });
  }

  private static Problem inFlight() {
    return Problem.of(ProblemCode.IDEMPOTENCY_IN_FLIGHT).retryAfter(RETRY_AFTER_SECONDS);
  }

  /** Forgets secrets that are past their ten minutes: how many, at most {@code max}. */
  Future<Integer> forgetSecrets(int max) {
    return pools.query(pools.control(), FORGET_SECRETS, Tuple.of(max)).map(rows -> rows.rowCount());
  }

  /** Forgets answers that are past their 24 hours: how many, at most {@code max}. */
  Future<Integer> forget(int max) {
    return pools.query(pools.control(), FORGET, Tuple.of(max)).map(rows -> rows.rowCount());
  }

  private static Row first(RowSet<Row> rows) {
    return rows.iterator().next();
  }
}
