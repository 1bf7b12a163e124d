package ai.molecule.edge.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;

/** A migrated database of a test class's own, and the pools of a node on it. */
public final class TestDatabase implements AutoCloseable {
  private static final Duration MIGRATION_DEADLINE = Duration.ofSeconds(60);

  /** Under which the pools run. */
  public final Vertx vertx = Vertx.vertx();

  /** How the pools reach the database. */
  public final PostgresConfig config;

  /** The node's pools. */
  public final PostgresPools pools;

  /** A fresh database, reached as a node does that says nothing else. */
  public TestDatabase() {
    this(PostgresConfig.defaults(TestStores.freshDatabase()));
  }

  /** The database of {@code config}, migrated. */
  public TestDatabase(PostgresConfig config) {
    this.config = config;
    Await.result(new Migrations(vertx, config, MIGRATION_DEADLINE, told -> {}).migrate());
    this.pools = PostgresPools.create(vertx, config);
  }

  /** What a statement finds. */
  public RowSet<Row> query(String sql, Object... parameters) {
    return query(sql, Tuple.from(parameters));
  }

  /** The same, of parameters that may be null. */
  public RowSet<Row> query(String sql, Tuple parameters) {
    return Await.result(pools.query(pools.control(), sql, parameters));
  }

  /** The first column of the first row, a number. */
  public long count(String sql, Object... parameters) {
    return query(sql, parameters).iterator().next().getLong(0);
  }

  /**
   * How Postgres would find it, of which is asked as well that it walks none of those tables.
   *
   * @param walkedByNoPlan how the names of tables begin, or empty for any table
   */
  public String plan(String sql, Tuple parameters, String... walkedByNoPlan) {
    StringBuilder plan = new StringBuilder();
    for (Row row : query("EXPLAIN " + sql, parameters)) {
      plan.append(row.getString(0)).append('\n');
    }
    for (String table : walkedByNoPlan) {
      assertThat(plan.toString()).doesNotContain("Seq Scan on " + table);
    }
    return plan.toString();
  }

  @Override
  public void close() {
    Await.result(pools.close());
    Await.result(vertx.close());
  }
}
