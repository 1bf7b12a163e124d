package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.exchange.StreamedBody;
import ai.molecule.edge.postgres.StoreFailures;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowStream;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * One export at work. Reads a few rows at a time and no more of them while the reader's queue is
 * full, so what it holds in memory does not grow with the org. On the event loop that writes it.
 */
final class OrgExport implements StreamedBody {
  /** Rows asked of Postgres at a time. */
  static final int FETCH_ROWS = 20;

  private final SqlConnection connection;
  private final UUID orgId;
  private final Duration timeout;
  private final Runnable ended;
  private final Promise<Void> cut = Promise.promise();
  private long rows;

  /**
   * An export.
   *
   * @param connection with the transaction whose snapshot is exported
   * @param ended to be run once, when the connection is not needed any more
   */
  OrgExport(SqlConnection connection, UUID orgId, Duration timeout, Runnable ended) {
    this.connection = connection;
    this.orgId = orgId;
    this.timeout = timeout;
    this.ended = ended;
  }

  @Override
  public Future<Void> writeTo(WriteStream<Buffer> to, Future<Void> gone) {
    gone.onComplete(left -> cut.tryFail(new ClosedChannelException()));
    Future<Void> written = Future.succeededFuture();
    for (ExportSection section : ExportSection.ALL) {
      written = written.compose(before -> write(section, to));
    }
    Promise<Void> over = Promise.promise();
    cut.future().onFailure(over::tryFail);
    written.onComplete(all -> over.tryComplete(), over::tryFail);
    return over.future()
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .compose(
            all -> to.write(Buffer.buffer("{\"type\":\"end\",\"rows\":" + rows + "}\n")),
            failure -> Future.failedFuture(StoreFailures.classify(failure)))
        .onFailure(cut::tryFail)
        .onComplete(done -> ended.run());
  }

  private Future<Void> write(ExportSection section, WriteStream<Buffer> to) {
    if (cut.future().isComplete()) {
      return cut.future();
    }
    return connection
        .prepare(section.sql())
        .compose(
            statement -> {
              Promise<Void> end = Promise.promise();
              RowStream<Row> stream = statement.createStream(FETCH_ROWS, Tuple.of(orgId));
              cut.future().onFailure(end::tryFail);
              stream
                  .exceptionHandler(end::tryFail)
                  .endHandler(done -> end.tryComplete())
                  .handler(row -> write(row, stream, to));
              return end.future().compose(read -> statement.close());
            });
  }

  private void write(Row row, RowStream<Row> stream, WriteStream<Buffer> to) {
    if (cut.future().isComplete()) {
      return;
    }
    rows++;
    to.write(Buffer.buffer(row.getString(0)).appendByte((byte) '\n'));
    if (to.writeQueueFull()) {
      stream.pause();
      to.drainHandler(drained -> stream.resume());
    }
  }

  @Override
  public void abandon() {
    ended.run();
  }
}
