package ai.molecule.edge.credential;

import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowIterator;
import io.vertx.sqlclient.Tuple;

/** The last tier (T3): the key as the primary of Postgres has it. Safe on any thread. */
public final class PostgresLookup implements KeyLookup {
  // Index: partner_keys_hash, then the primary keys of orgs and key_last_used.
  static final String BY_HASH = KeyRows.SELECT + " WHERE k.hash = $1";

  private final PostgresPools pools;

  /** Looks up on the auth pool of {@code pools}. */
  public PostgresLookup(PostgresPools pools) {
    this.pools = pools;
  }

  @Override
  public Future<Result> find(KeyHash hash) {
    return pools
        .query(pools.auth(), BY_HASH, Tuple.of(Buffer.buffer(hash.bytes())))
        .map(
            rows -> {
              RowIterator<Row> row = rows.iterator();
              return row.hasNext()
                  ? new Result.Found(KeyRows.read(row.next()))
                  : new Result.Absent();
            });
  }
}
