package ai.molecule.edge.credential;

import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.StoreFailures;
import ai.molecule.edge.postgres.TransactionFrame;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * New keys that need no transaction of their own, written together: what is asked for in one turn
 * of the event loop, or while an earlier write is under way, is one statement and one commit. After
 * several at once as many are waited for again, a moment long: who has its answer asks for the next
 * key. A key that comes alone waits for nobody.
 *
 * <p>Invariant: a creation is acknowledged only after the statement that wrote its key and its
 * audit row is committed, and what befalls it is what would have befallen it alone. A statement
 * that Postgres refuses has written nothing, so each of its keys is then written by itself.
 *
 * <p>No key is written once its caller has been told that it failed. What waits here is less than
 * one batch; batches wait in the pool's bounded queue. One an event loop, on which it is called.
 */
final class KeyCreations {
  /** Keys in one statement at most. */
  static final int BATCH_MAX = 64;

  /** How long a write under way is waited for before the next one is begun beside it. */
  private static final Duration PATIENCE = Duration.ofMillis(50);

  /** How long as many as were written together before are waited for. */
  private static final Duration COMPANY = Duration.ofMillis(1);

  private static final long NO_TIMER = -1;

  private final PostgresPools pools;
  private List<Waiting> waiting = new ArrayList<>();
  private int underWay;
  private int expected = 1;
  private boolean turnEnds;
  private long timer = NO_TIMER;

  KeyCreations(PostgresPools pools) {
    this.pools = pools;
  }

  private record Waiting(NewKey key, TransactionFrame<Committed> frame, Promise<Committed> done) {}

  /**
   * Adds a key that belongs to no org.
   *
   * @param frame one that does not write
   * @return the key as stored, once committed; fails with {@code store_unavailable}, and then it
   *     may be there all the same, or with what Postgres refused
   */
  Future<Committed> create(KeyRecord key, AuditContext context, TransactionFrame<Committed> frame) {
    NewKey added = new NewKey(KeyRows.created(key, false), context);
    Waiting creation = new Waiting(added, frame, Promise.promise());
    waiting.add(creation);
    if (waiting.size() == BATCH_MAX) {
      write();
    } else if (underWay == 0) {
      writeInCompany();
    } else {
      writeAfter(PATIENCE);
    }
    return pools.measured(StoreOp.CHANGE, creation.done().future());
  }

  private void writeInCompany() {
    if (waiting.size() < expected) {
      writeAfter(COMPANY);
    } else if (!turnEnds) {
      // More may be asked for in this turn of the event loop.
      turnEnds = true;
      loop()
          .runOnContext(
              ended -> {
                turnEnds = false;
                write();
              });
    }
  }

  private void writeAfter(Duration wait) {
    if (timer == NO_TIMER) {
      timer = loop().owner().setTimer(wait.toMillis(), over -> write());
    }
  }

  private void cancelTimer() {
    if (timer != NO_TIMER) {
      loop().owner().cancelTimer(timer);
      timer = NO_TIMER;
    }
  }

  private static Context loop() {
    Context loop = Vertx.currentContext();
    if (loop == null) {
      throw new IllegalStateException("keys are created on an event loop");
    }
    return loop;
  }

  private void write() {
    cancelTimer();
    List<Waiting> batch = waiting;
    if (batch.isEmpty()) {
      return;
    }
    waiting = new ArrayList<>();
    underWay++;
    pools
        .statement(pools.control(), connection -> writeTogether(connection, batch))
        .onComplete(
            done -> {
              underWay--;
              if (done.failed()) {
                batch.forEach(creation -> creation.done().tryFail(done.cause()));
              }
              expected = batch.size() + waiting.size();
              if (underWay == 0 && !waiting.isEmpty()) {
                cancelTimer();
                writeInCompany();
              }
            });
  }

  private static Future<Void> writeTogether(SqlConnection connection, List<Waiting> batch) {
    return KeyInserts.audited(connection, batch.stream().map(Waiting::key).toList())
        .compose(
            committed -> {
              batch.forEach(creation -> finish(connection, creation));
              return Future.succeededFuture();
            },
            failure ->
                batch.size() > 1 && StoreFailures.isRefused(failure)
                    ? writeEach(connection, batch)
                    : Future.failedFuture(failure));
  }

  /** Each by itself: outside a transaction every statement is one. */
  private static Future<Void> writeEach(SqlConnection connection, List<Waiting> batch) {
    List<Future<?>> all = new ArrayList<>(batch.size());
    for (Waiting creation : batch) {
      all.add(
          writeTogether(connection, List.of(creation))
              .onFailure(failure -> creation.done().tryFail(StoreFailures.classify(failure))));
    }
    return Future.join(all).<Void>mapEmpty().otherwiseEmpty();
  }

  private static void finish(SqlConnection connection, Waiting creation) {
    Committed committed = new Committed(List.of(creation.key().key()), Committed.UNCHANGED);
    creation
        .frame()
        .around(connection, () -> Future.succeededFuture(committed))
        .onComplete(made -> creation.done().tryComplete(made), creation.done()::tryFail);
  }
}
