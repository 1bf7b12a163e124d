package ai.molecule.edge.credential;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.UUID;

/**
 * A key that a transaction has locked.
 *
 * @param key as it is while the lock is held
 * @param now Postgres' clock since
 */
public record LockedKey(KeyRecord key, Instant now) {
  private static final String READ =
      KeyRows.SELECT.replaceFirst("SELECT", "SELECT clock_timestamp() AS now,");

  /**
   * Locks a key, then reads it in a second statement: its snapshot is younger than the lock, so
   * that it sees what the previous holder did to the key and to its org. Both are sent at once.
   *
   * @return fails with {@code not_found} when there is none within reach
   */
  public static Future<LockedKey> of(SqlConnection connection, Reach reach, UUID id) {
    Selection lock =
        KeyReads.one("SELECT k.id FROM partner_keys k", reach, id).append(" FOR UPDATE");
    Selection read = KeyReads.one(READ, reach, id);
    Future<?> held = connection.preparedQuery(lock.sql()).execute(lock.parameters());
    Future<RowSet<Row>> found = connection.preparedQuery(read.sql()).execute(read.parameters());
    // A lock that fails makes the read fail as well, for a reason that says nothing.
    return held.compose(locked -> found).map(LockedKey::first);
  }

  private static LockedKey first(RowSet<Row> rows) {
    if (rows.size() == 0) {
      throw Problem.of(ProblemCode.NOT_FOUND);
    }
    Row row = rows.iterator().next();
    return new LockedKey(KeyRows.read(row), row.getOffsetDateTime("now").toInstant());
  }
}
