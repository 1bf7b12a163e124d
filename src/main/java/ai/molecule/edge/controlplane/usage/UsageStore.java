package ai.molecule.edge.controlplane.usage;

import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What orgs used: closed hours as they were closed, and those still open as they are now. On the
 * control pool; safe on any thread. Everything fails with {@code store_unavailable} when Postgres
 * cannot serve in time.
 */
public final class UsageStore {
  // Index: the primary key.
  static final String ACCOUNT =
      "SELECT closed_until, usage_now() AS now FROM usage_accounts WHERE org_id = $1";

  // Index: the primary key.
  static final String CLOSED =
      """
      SELECT hour, org_micros, seat_micros, workspace_micros, api_calls FROM usage_hours
       WHERE org_id = $1 AND hour >= $2 AND hour < $3 ORDER BY hour
      """;

  // Index: the primary key, the last one of the time before and those within.
  static final String LEVELS =
      """
      SELECT * FROM (
        (SELECT b.* FROM usage_levels b WHERE b.org_id = $1 AND b.at <= $2
          ORDER BY b.at DESC LIMIT 1)
        UNION ALL
        SELECT w.* FROM usage_levels w WHERE w.org_id = $1 AND w.at > $2 AND w.at < $3) l
       ORDER BY l.at
      """;

  // Index: usage_calls_of_org.
  static final String CALLS =
      """
      SELECT hour, sum(calls)::int8 AS calls FROM usage_calls
       WHERE org_id = $1 AND hour >= $2 AND hour < $3 GROUP BY hour
      """;

  private final PostgresPools pools;

  /** The usage of the orgs behind {@code pools}. */
  public UsageStore(PostgresPools pools) {
    this.pools = pools;
  }

  /**
   * What an org used, which the caller has found to be within reach.
   *
   * @return hours in their order; those in which nothing was used are left out
   */
  public Future<List<HourUsage>> read(UUID org, UsageRange range) {
    return pools
        .query(pools.control(), ACCOUNT, Tuple.of(org))
        .compose(
            rows ->
                rows.size() == 0
                    ? Future.succeededFuture(List.of())
                    : read(
                        org,
                        range,
                        UsageRows.instant(rows.iterator().next(), "closed_until"),
                        UsageRows.instant(rows.iterator().next(), "now")));
  }

  /**
   * The account was read first: what it says is closed stays as it is, and what it says is open is
   * reckoned here, whether or not it is closed meanwhile. So no hour is missing and none is double.
   */
  private Future<List<HourUsage>> read(
      UUID org, UsageRange range, Instant closedUntil, Instant now) {
    Instant closedTo = earliest(range.to(), closedUntil);
    Instant openFrom = range.from().isBefore(closedUntil) ? closedUntil : range.from();
    Instant openTo = earliest(range.to(), now);
    Future<List<HourUsage>> closed =
        pools
            .query(pools.control(), CLOSED, hours(org, range.from(), closedTo))
            .map(UsageStore::hours);
    if (!openFrom.isBefore(openTo)) {
      return closed;
    }
    Future<RowSet<Row>> levels = pools.query(pools.control(), LEVELS, hours(org, openFrom, openTo));
    Future<RowSet<Row>> calls =
        pools.query(pools.control(), CALLS, hours(org, openFrom, HourlyLevels.ceiling(openTo)));
    return Future.all(closed, levels, calls)
        .map(
            all -> {
              List<HourUsage> hours = new ArrayList<>(closed.result());
              hours.addAll(open(levels.result(), calls.result(), openFrom, openTo));
              return hours;
            });
  }

  private static List<HourUsage> open(
      RowSet<Row> levelRows, RowSet<Row> callRows, Instant from, Instant to) {
    List<Level> levels = new ArrayList<>(levelRows.size());
    levelRows.forEach(row -> levels.add(UsageRows.level(row)));
    TreeMap<Instant, HourUsage> hours = new TreeMap<>();
    HourlyLevels.cut(levels, from, to).forEach(hour -> hours.put(hour.hour(), hour));
    for (Row row : callRows) {
      long calls = row.getLong("calls");
      hours.computeIfPresent(UsageRows.instant(row, "hour"), (hour, used) -> used.withCalls(calls));
    }
    return hours.values().stream().filter(hour -> !hour.isNothing()).toList();
  }

  private static List<HourUsage> hours(RowSet<Row> rows) {
    List<HourUsage> hours = new ArrayList<>(rows.size());
    rows.forEach(row -> hours.add(UsageRows.hour(row)));
    return hours;
  }

  private static Tuple hours(UUID org, Instant from, Instant to) {
    return Tuple.of(org, UsageRows.time(from), UsageRows.time(to));
  }

  private static Instant earliest(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
