package ai.molecule.edge.controlplane.usage;

import ai.molecule.edge.controlplane.events.EventLog;
import ai.molecule.edge.controlplane.events.EventType;
import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Closes hours that are over: what each org used in its hour becomes a row that never changes, and
 * an event. Any number of nodes may be at it at once; the row, the event and the account that says
 * the hour is closed are written together or not at all. On the control pool; safe on any thread.
 */
public final class HourCloser {
  // Index: usage_accounts_due.
  static final String OVERDUE =
      """
      SELECT extract(epoch FROM usage_now() - min(due_at))::float8 AS seconds FROM usage_accounts
       WHERE due_at <= usage_now() - $1::float8 * interval '1 millisecond'
      """;

  // Index: usage_accounts_due. An account that somebody is at is left to the next round.
  static final String DUE =
      """
      SELECT a.org_id, o.partner_id, a.closed_until, a.ended_at
        FROM usage_accounts a JOIN orgs o ON o.id = a.org_id
       WHERE a.due_at <= usage_now() - $1::float8 * interval '1 millisecond'
       ORDER BY a.due_at LIMIT $2 FOR UPDATE OF a SKIP LOCKED
      """;

  // Index: the primary key of usage_levels, the last one of the time before and those within.
  static final String LEVELS =
      """
      SELECT d.org_id, l.at, l.orgs, l.seats, l.workspaces
        FROM unnest($1::uuid[], $2::timestamptz[]) AS d (org_id, hour)
       CROSS JOIN LATERAL (
             (SELECT b.* FROM usage_levels b WHERE b.org_id = d.org_id AND b.at <= d.hour
               ORDER BY b.at DESC LIMIT 1)
             UNION ALL
             SELECT w.* FROM usage_levels w
              WHERE w.org_id = d.org_id AND w.at > d.hour AND w.at < d.hour + interval '1 hour') l
       ORDER BY d.org_id, l.at
      """;

  // Index: usage_calls_of_org.
  static final String CALLS =
      """
      SELECT d.org_id, sum(c.calls)::int8 AS calls
        FROM unnest($1::uuid[], $2::timestamptz[]) AS d (org_id, hour)
        JOIN usage_calls c ON c.org_id = d.org_id AND c.hour = d.hour
       GROUP BY d.org_id
      """;

  private static final String CLOSE =
      """
      INSERT INTO usage_hours
             (org_id, hour, org_micros, seat_micros, workspace_micros, api_calls)
      SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::int8[], $4::int8[], $5::int8[],
                           $6::int8[])
      """;

  // Index: the primary key. The hour in which an org ended is its last.
  private static final String MOVE_ON =
      """
      UPDATE usage_accounts
         SET closed_until = closed_until + interval '1 hour',
             settled_at = CASE WHEN ended_at <= closed_until + interval '1 hour'
                               THEN clock_timestamp() END,
             due_at = CASE WHEN ended_at <= closed_until + interval '1 hour' THEN NULL
                           ELSE least(closed_until + interval '2 hours', ended_at) END
       WHERE org_id = ANY ($1)
      """;

  /** Nodes that ended long ago; the table has a row for each start of a node. */
  private static final String FORGET_NODES =
      "DELETE FROM usage_flushes WHERE flushed_at < clock_timestamp() - interval '30 days'";

  private static final String CLOSING = "SELECT usage_closing()";

  private final PostgresPools pools;
  private final double settleMillis;
  private final int batchMax;

  /** Closes hours in the database behind {@code pools}. */
  public HourCloser(PostgresPools pools, UsageConfig config) {
    this.pools = pools;
    this.settleMillis = config.settleAfter().toMillis();
    this.batchMax = config.closeBatchMax();
  }

  /** An hour to be closed. */
  private record Due(UUID orgId, String partnerId, Instant hour, @Nullable Instant endedAt) {
    /** When the hour ends, or the org within it. */
    Instant end() {
      return isLast() ? Objects.requireNonNull(endedAt) : hour.plus(HourlyLevels.HOUR);
    }

    boolean isLast() {
      return endedAt != null && !endedAt.isAfter(hour.plus(HourlyLevels.HOUR));
    }
  }

  /** What an org used in the hour to be closed. */
  private record Used(Due due, HourUsage hour) {}

  /** For how long the oldest hour waits that could be closed, in seconds; 0 when there is none. */
  public Future<Double> overdueSeconds() {
    return pools
        .query(pools.control(), OVERDUE, Tuple.of(settleMillis))
        .map(
            rows -> {
              Double seconds = rows.iterator().next().getDouble("seconds");
              return seconds == null ? 0.0 : seconds;
            });
  }

  /**
   * Closes one hour of each org that is due, the longest overdue first and no more than a batch.
   *
   * @return how many hours were closed; with a whole batch there may be more to close
   */
  public Future<Integer> closeBatch() {
    return pools.transaction(
        pools.control(),
        connection ->
            connection
                .query(CLOSING)
                .execute()
                .compose(
                    held -> connection.preparedQuery(DUE).execute(Tuple.of(settleMillis, batchMax)))
                .compose(rows -> close(connection, due(rows))));
  }

  /** Forgets which batches nodes had sent that have been silent for a month. */
  public Future<Void> forgetNodes() {
    return pools.query(pools.control(), FORGET_NODES, Tuple.tuple()).mapEmpty();
  }

  private static List<Due> due(RowSet<Row> rows) {
    List<Due> due = new ArrayList<>(rows.size());
    for (Row row : rows) {
      due.add(
          new Due(
              row.getUUID("org_id"),
              row.getString("partner_id"),
              UsageRows.instant(row, "closed_until"),
              UsageRows.instantOrNull(row, "ended_at")));
    }
    return due;
  }

  private static Future<Integer> close(SqlConnection connection, List<Due> due) {
    if (due.isEmpty()) {
      return Future.succeededFuture(0);
    }
    UUID[] orgs = due.stream().map(Due::orgId).toArray(UUID[]::new);
    Tuple hours =
        Tuple.tuple()
            .addArrayOfUUID(orgs)
            .addArrayOfOffsetDateTime(
                due.stream().map(one -> UsageRows.time(one.hour())).toArray(OffsetDateTime[]::new));
    return connection
        .preparedQuery(LEVELS)
        .execute(hours)
        .compose(
            levels ->
                connection
                    .preparedQuery(CALLS)
                    .execute(hours)
                    .map(calls -> used(due, levels, calls)))
        .compose(
            used ->
                write(connection, used.stream().filter(one -> !one.hour().isNothing()).toList())
                    .compose(written -> tell(connection, used)))
        .compose(
            written ->
                connection
                    .preparedQuery(MOVE_ON)
                    .execute(Tuple.tuple().addArrayOfUUID(orgs))
                    .map(due.size()));
  }

  /** What each org used in its hour, which may be nothing. */
  private static List<Used> used(List<Due> due, RowSet<Row> levelRows, RowSet<Row> callRows) {
    Map<UUID, List<Level>> levels = new HashMap<>();
    for (Row row : levelRows) {
      levels
          .computeIfAbsent(row.getUUID("org_id"), org -> new ArrayList<>())
          .add(UsageRows.level(row));
    }
    Map<UUID, Long> calls = new HashMap<>();
    for (Row row : callRows) {
      calls.put(row.getUUID("org_id"), row.getLong("calls"));
    }
    List<Used> used = new ArrayList<>();
    for (Due one : due) {
      HourUsage hour =
          HourlyLevels.cut(
                  levels.getOrDefault(one.orgId(), List.of()),
                  one.hour(),
                  one.hour().plus(HourlyLevels.HOUR))
              .getFirst()
              .withCalls(calls.getOrDefault(one.orgId(), 0L));
      used.add(new Used(one, hour));
    }
    return used;
  }

  private static Future<Void> write(SqlConnection connection, List<Used> used) {
    int size = used.size();
    UUID[] orgs = new UUID[size];
    OffsetDateTime[] hours = new OffsetDateTime[size];
    Long[][] counted = new Long[Meter.values().length][size];
    for (int i = 0; i < size; i++) {
      HourUsage hour = used.get(i).hour();
      orgs[i] = used.get(i).due().orgId();
      hours[i] = UsageRows.time(hour.hour());
      for (Meter meter : Meter.values()) {
        counted[meter.ordinal()][i] = hour.counted(meter);
      }
    }
    Tuple parameters = Tuple.tuple().addArrayOfUUID(orgs).addArrayOfOffsetDateTime(hours);
    for (Meter meter : Meter.values()) {
      parameters.addArrayOfLong(counted[meter.ordinal()]);
    }
    return connection.preparedQuery(CLOSE).execute(parameters).mapEmpty();
  }

  /** An event for each hour with usage, and in any case for the last. */
  private static Future<Void> tell(SqlConnection connection, List<Used> used) {
    List<Future<UUID>> told = new ArrayList<>();
    for (Used one : used) {
      Due due = one.due();
      if (!one.hour().isNothing() || due.isLast()) {
        JsonObject data =
            UsageEvents.hourly(due.orgId(), due.partnerId(), one.hour(), due.isLast());
        told.add(
            EventLog.append(
                connection, due.partnerId(), due.orgId(), EventType.USAGE_HOURLY, data, due.end()));
      }
    }
    return Future.all(told).mapEmpty();
  }
}
