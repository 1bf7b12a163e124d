package ai.molecule.edge.credential;

import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.StoreFailures;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/**
 * Carries {@link LastUse} to Postgres: one sorted batch every period, never two at once. A cell
 * counts as flushed only once its batch is committed, so what a failed flush held is part of the
 * next. Lives on one event loop; its public methods may be called from any thread.
 */
public final class LastUseFlusher {
  /** Keys in one statement. */
  static final int CHUNK_MAX = 5_000;

  /** The year 9999: what Postgres can hold with ease. */
  private static final long MILLIS_MAX = 253_402_300_799_999L;

  // Index: the primary keys. Rows are taken in key order, the same on every node, so that two
  // nodes cannot deadlock. Keys that are gone fall out by the EXISTS; a clock that runs ahead
  // cannot pin a key to the future.
  private static final String FLUSH =
      """
      INSERT INTO key_last_used (key_id, last_used_at)
      SELECT b.key_id, least(b.used_at, clock_timestamp())
        FROM unnest($1::uuid[], $2::timestamptz[]) AS b (key_id, used_at)
       WHERE EXISTS (SELECT FROM partner_keys k WHERE k.id = b.key_id)
       ORDER BY b.key_id
          ON CONFLICT (key_id) DO UPDATE
         SET last_used_at = greatest(key_last_used.last_used_at, excluded.last_used_at)
       WHERE key_last_used.last_used_at < excluded.last_used_at
      """;

  private static final Comparator<Entry> IN_KEY_ORDER =
      Comparator.comparing(entry -> entry.cell.keyId());

  private final LastUse lastUse;
  private final PostgresPools pools;
  private final PeriodicFlush flushes;
  private final IntConsumer committed;
  private final AtomicLong flushedKeys = new AtomicLong();
  private final AtomicLong failedFlushes = new AtomicLong();
  private final AtomicLong droppedKeys = new AtomicLong();
  private volatile long currentMillis = System.currentTimeMillis();

  /** Touched by flushes alone. */
  private long previousStartMillis;

  /**
   * A flusher of {@code lastUse}; idle until {@link #start}.
   *
   * @param committed told how many last uses a batch has written
   */
  public LastUseFlusher(Vertx vertx, LastUse lastUse, PostgresPools pools, IntConsumer committed) {
    this.lastUse = lastUse;
    this.pools = pools;
    this.committed = committed;
    this.flushes = new PeriodicFlush(vertx, this::flush);
  }

  /** One cell's time as a batch carries it. */
  private record Entry(LastUse.Cell cell, long millis) {}

  /** Flushes every {@code period} from now on. */
  public void start(Duration period) {
    flushes.start(period);
  }

  /** Stops the period; completes when what was in the registry has been flushed once more. */
  public Future<Void> stop() {
    return flushes.stop();
  }

  /**
   * Flushes what is in the registry at this moment, after a flush that is running; those who ask
   * meanwhile share one.
   *
   * @return completes when it is committed; fails with {@code store_unavailable} when it is not,
   *     and then the next flush carries it
   */
  public Future<Void> flushNow() {
    return flushes.now();
  }

  /** How far Postgres is behind: the age of the newest use that it surely has. */
  public long lagMillis() {
    return Math.max(0, System.currentTimeMillis() - currentMillis);
  }

  /** Last uses committed since the start. */
  public long flushedKeys() {
    return flushedKeys.get();
  }

  /** Batches that failed and were kept for the next flush. */
  public long failedFlushes() {
    return failedFlushes.get();
  }

  /** Last uses that Postgres refused as data, given up one by one. */
  public long droppedKeys() {
    return droppedKeys.get();
  }

  private Future<Void> flush() {
    long startMillis = System.currentTimeMillis();
    List<Entry> entries =
        lastUse.unflushed().stream()
            .map(cell -> new Entry(cell, cell.lastMillis()))
            .sorted(IN_KEY_ORDER)
            .toList();
    return chunks(entries, 0)
        .onSuccess(
            done -> {
              currentMillis = startMillis;
              lastUse.dropIdleSince(previousStartMillis);
              previousStartMillis = startMillis;
            })
        .onFailure(failure -> failedFlushes.incrementAndGet());
  }

  private Future<Void> chunks(List<Entry> entries, int from) {
    if (from >= entries.size()) {
      return Future.succeededFuture();
    }
    int to = Math.min(entries.size(), from + CHUNK_MAX);
    return write(entries.subList(from, to)).compose(written -> chunks(entries, to));
  }

  /** Writes a batch; one that Postgres refuses as data is halved until the bad row stands alone. */
  private Future<Void> write(List<Entry> batch) {
    return commit(batch)
        .onSuccess(
            written -> {
              batch.forEach(entry -> entry.cell.flushed(entry.millis));
              flushedKeys.addAndGet(batch.size());
              committed.accept(batch.size());
            })
        .recover(
            failure -> {
              if (!StoreFailures.isDataError(failure)) {
                return Future.failedFuture(failure);
              }
              if (batch.size() == 1) {
                batch.forEach(entry -> entry.cell.flushed(entry.millis));
                droppedKeys.incrementAndGet();
                return Future.succeededFuture();
              }
              int half = batch.size() / 2;
              return write(batch.subList(0, half))
                  .compose(first -> write(batch.subList(half, batch.size())));
            });
  }

  private Future<Void> commit(List<Entry> batch) {
    UUID[] ids = new UUID[batch.size()];
    OffsetDateTime[] times = new OffsetDateTime[batch.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = batch.get(i).cell.keyId();
      times[i] =
          Instant.ofEpochMilli(Math.min(batch.get(i).millis, MILLIS_MAX)).atOffset(ZoneOffset.UTC);
    }
    Tuple parameters = Tuple.tuple().addArrayOfUUID(ids).addArrayOfOffsetDateTime(times);
    return pools.measured(
        StoreOp.FLUSH,
        pools.transaction(
            pools.auth(),
            connection ->
                connection
                    .query("SET LOCAL synchronous_commit = off")
                    .execute()
                    .compose(set -> connection.preparedQuery(FLUSH).execute(parameters))
                    .mapEmpty()));
  }
}
