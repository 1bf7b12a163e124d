package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.exchange.StreamedBody;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Exports of all that the edge holds of an org, a bounded number at a time on a node. Each reads
 * one snapshot, by cursors, as fast as its reader reads. On the control pool; safe on any thread,
 * each export on its own.
 */
public final class OrgExports {
  private static final int RETRY_AFTER_SECONDS = 5;

  /** The first statement of the transaction: what follows sees one moment. */
  private static final String ONE_SNAPSHOT =
      "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

  private final PostgresPools pools;
  private final int atOnceMax;
  private final Duration timeout;
  private final AtomicInteger running = new AtomicInteger();

  /**
   * Exports from {@code pools}.
   *
   * @param atOnceMax exports at a time; each has a connection of the control pool
   * @param timeout of one export, reader and all; it holds back the vacuum that long
   */
  public OrgExports(PostgresPools pools, int atOnceMax, Duration timeout) {
    this.pools = pools;
    this.atOnceMax = atOnceMax;
    this.timeout = timeout;
  }

  /** Exports under way. */
  public int running() {
    return running.get();
  }

  /**
   * Begins an export.
   *
   * @return its body, newline-delimited JSON: a line for each row, at last {@code {"type": "end",
   *     "rows": …}}; fails with {@code not_found}, {@code overloaded} when there are as many as
   *     there may be, or {@code store_unavailable}
   */
  public Future<StreamedBody> begin(Reach reach, OrgRef ref) {
    if (running.incrementAndGet() > atOnceMax) {
      running.decrementAndGet();
      return Future.failedFuture(
          Problem.of(ProblemCode.OVERLOADED, "As many exports are running as may run at a time.")
              .retryAfter(RETRY_AFTER_SECONDS));
    }
    return pools
        .within(
            pools.config().transactionDeadline(),
            pools.control().getConnection().compose(connection -> open(connection, reach, ref)))
        .onFailure(failure -> running.decrementAndGet());
  }

  private Future<StreamedBody> open(SqlConnection connection, Reach reach, OrgRef ref) {
    Selection reads = OrgReads.one(reach, ref);
    return connection
        .begin()
        .compose(
            transaction ->
                connection
                    .query(ONE_SNAPSHOT)
                    .execute()
                    .compose(set -> connection.query(patience()).execute())
                    .compose(
                        set -> connection.preparedQuery(reads.sql()).execute(reads.parameters()))
                    .<StreamedBody>map(
                        rows -> {
                          Org org =
                              OrgRows.first(rows)
                                  .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND));
                          return new OrgExport(
                              connection, org.id(), timeout, () -> end(connection, transaction));
                        })
                    .onFailure(failure -> close(connection, transaction)));
  }

  /** A reader may be slow: Postgres waits for it as long as the export may take. */
  private String patience() {
    long millis = timeout.toMillis();
    return "SET LOCAL idle_in_transaction_session_timeout = "
        + millis
        + "; SET LOCAL statement_timeout = "
        + millis
        + "; SET LOCAL timezone = 'UTC'";
  }

  private void end(SqlConnection connection, Transaction transaction) {
    running.decrementAndGet();
    close(connection, transaction);
  }

  private static void close(SqlConnection connection, Transaction transaction) {
    transaction.rollback().onComplete(done -> connection.close());
  }
}
