package ai.molecule.edge.credential;

import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.StoreFailures;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the calls counted in {@link LastUse} to Postgres, each of them once. A batch has a number
 * of this node's own, noted in the transaction that adds it: when nobody can say whether a batch
 * was committed, the very same one is sent again, and is passed over if it was. What a killed node
 * had not sent is lost: one period's calls at most. Lives on one event loop; its public methods may
 * be called from any thread.
 */
public final class CallFlusher {
  /** Tallies in one batch. */
  static final int BATCH_MAX = 5_000;

  private static final Logger LOG = LoggerFactory.getLogger(CallFlusher.class);

  /** The year 9999: what Postgres can hold with ease. */
  private static final long MILLIS_MAX = 253_402_300_799_999L;

  // No hour is closed until the batch is committed.
  private static final String COUNTING = "SELECT usage_counting()";

  // Index: the primary key. No row comes back for a batch that was counted before; one still being
  // counted on another connection is waited for.
  private static final String NUMBER =
      """
      INSERT INTO usage_flushes AS f (node_id, sequence) VALUES ($1, $2)
          ON CONFLICT (node_id) DO UPDATE
         SET sequence = excluded.sequence, flushed_at = clock_timestamp()
       WHERE f.sequence < excluded.sequence
      RETURNING f.sequence
      """;

  // Index: the primary keys. Calls of an hour that is closed for their org are of its first open
  // one, and those of a clock that runs ahead of this one. Rows are taken in the same order on
  // every node, so that two of them cannot deadlock.
  private static final String COUNT =
      """
      WITH batch AS MATERIALIZED (
        SELECT k.id, k.partner_id, k.org_id, b.calls, a.settled_at IS NOT NULL AS settled,
               greatest(least(b.hour, date_trunc('hour', coalesce(a.ended_at, usage_now()), 'UTC')),
                        a.closed_until) AS hour
          FROM unnest($1::uuid[], $2::timestamptz[], $3::int8[]) AS b (key_id, hour, calls)
          JOIN partner_keys k ON k.id = b.key_id
          LEFT JOIN usage_accounts a ON a.org_id = k.org_id),
      counted AS (
        INSERT INTO usage_calls AS c (key_id, hour, partner_id, org_id, calls)
        SELECT id, hour, partner_id, org_id, sum(calls) FROM batch WHERE NOT settled
         GROUP BY id, hour, partner_id, org_id ORDER BY id, hour
            ON CONFLICT (key_id, hour) DO UPDATE SET calls = c.calls + excluded.calls)
      SELECT coalesce(sum(calls) FILTER (WHERE NOT settled), 0)::int8,
             coalesce(sum(calls) FILTER (WHERE settled), 0)::int8
        FROM batch
      """;

  private static final Comparator<CallTally> IN_KEY_ORDER =
      Comparator.comparing(CallTally::keyId).thenComparingLong(CallTally::hourMillis);

  private final LastUse lastUse;
  private final PostgresPools pools;
  private final LongSupplier clock;
  private final Counted counted;
  private final PeriodicFlush flushes;
  private final UUID nodeId = UUID.randomUUID();

  // Touched by flushes alone.
  private List<CallTally> unsent = List.of();
  private long sequence;

  /** Told of each batch that was committed. */
  public interface Counted {
    /**
     * A batch is in Postgres.
     *
     * @param calls what it added
     * @param late what it could not add, since the last hour of its org was closed
     */
    void committed(long calls, long late);
  }

  /** A flusher of {@code lastUse}; idle until {@link #start}. */
  public CallFlusher(Vertx vertx, LastUse lastUse, PostgresPools pools, Counted counted) {
    this(vertx, lastUse, pools, System::currentTimeMillis, counted);
  }

  CallFlusher(
      Vertx vertx, LastUse lastUse, PostgresPools pools, LongSupplier clock, Counted counted) {
    this.lastUse = lastUse;
    this.pools = pools;
    this.clock = clock;
    this.counted = counted;
    this.flushes = new PeriodicFlush(vertx, this::flush);
  }

  /** Flushes every {@code period} from now on. */
  public void start(Duration period) {
    flushes.start(period);
  }

  /** Stops the period; completes when what was counted until now has been flushed once more. */
  public Future<Void> stop() {
    return flushes.stop();
  }

  /**
   * Flushes what is counted at this moment, after a flush that is running; those who ask meanwhile
   * share one.
   *
   * @return completes when it is committed; fails with {@code store_unavailable} when it is not
   *     known to be, and then the next flush sends it again
   */
  public Future<Void> flushNow() {
    return flushes.now();
  }

  /** What was sent before and not answered first, then what was counted since. */
  private Future<Void> flush() {
    return sendAll()
        .compose(
            sent -> {
              unsent = lastUse.takeCalls(clock).stream().sorted(IN_KEY_ORDER).toList();
              return sendAll();
            });
  }

  private Future<Void> sendAll() {
    if (unsent.isEmpty()) {
      return Future.succeededFuture();
    }
    int size = Math.min(unsent.size(), BATCH_MAX);
    List<CallTally> batch = unsent.subList(0, size);
    return commit(batch)
        .recover(failure -> giveUp(batch, failure))
        .compose(
            sent -> {
              sequence++;
              unsent = unsent.subList(size, unsent.size());
              return sendAll();
            });
  }

  /** What Postgres refuses as data it will refuse again; everything else is sent again. */
  private Future<Void> giveUp(List<CallTally> batch, Throwable failure) {
    if (!StoreFailures.isDataError(failure)) {
      return Future.failedFuture(failure);
    }
    long calls = batch.stream().mapToLong(CallTally::calls).sum();
    LOG.error("{} calls could not be counted: {}", calls, failure.toString());
    counted.committed(0, calls);
    return Future.succeededFuture();
  }

  private Future<Void> commit(List<CallTally> batch) {
    long number = sequence + 1;
    return pools.measured(
        StoreOp.FLUSH,
        pools
            .transaction(
                pools.auth(),
                connection ->
                    connection
                        .query(COUNTING)
                        .execute()
                        .compose(
                            held ->
                                connection.preparedQuery(NUMBER).execute(Tuple.of(nodeId, number)))
                        .compose(
                            rows ->
                                rows.size() == 0
                                    ? Future.succeededFuture(new long[2])
                                    : count(connection, batch)))
            .onSuccess(sums -> counted.committed(sums[0], sums[1]))
            .mapEmpty());
  }

  private static Future<long[]> count(SqlConnection connection, List<CallTally> batch) {
    UUID[] ids = new UUID[batch.size()];
    OffsetDateTime[] hours = new OffsetDateTime[batch.size()];
    Long[] calls = new Long[batch.size()];
    for (int i = 0; i < ids.length; i++) {
      CallTally tally = batch.get(i);
      ids[i] = tally.keyId();
      hours[i] =
          Instant.ofEpochMilli(Math.min(tally.hourMillis(), MILLIS_MAX)).atOffset(ZoneOffset.UTC);
      calls[i] = tally.calls();
    }
    Tuple parameters =
        Tuple.tuple().addArrayOfUUID(ids).addArrayOfOffsetDateTime(hours).addArrayOfLong(calls);
    return connection
        .preparedQuery(COUNT)
        .execute(parameters)
        .map(
            rows -> {
              var row = rows.iterator().next();
              return new long[] {row.getLong(0), row.getLong(1)};
            });
  }
}
