package ai.molecule.edge.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;

/**
 * The few JDBC connections of a node, for libraries that work over JDBC. They block, so they are
 * not for event loops.
 */
public final class JdbcPool {
  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

  /** Past its statements' own timeout: a connection that is silent for longer is dead. */
  private static final Duration SILENCE_MARGIN = Duration.ofSeconds(5);

  private JdbcPool() {}

  /**
   * A pool that connects when it is used, so that Postgres may be down. To be closed by the caller.
   *
   * @param applicationName as Postgres shows it
   * @param sizeMax connections at most
   */
  public static HikariDataSource create(
      PostgresConfig config, String applicationName, int sizeMax) {
    PostgresUri uri = config.parsedUri();
    long statementMillis = config.statementTimeout().toMillis();
    Duration silence = config.statementTimeout().plus(SILENCE_MARGIN);
    HikariConfig pool = new HikariConfig();
    pool.setPoolName(applicationName);
    pool.setJdbcUrl(uri.jdbcUrl(applicationName));
    pool.setUsername(uri.user());
    pool.setPassword(config.effectivePassword());
    pool.setMaximumPoolSize(sizeMax);
    pool.setMinimumIdle(1);
    pool.setIdleTimeout(IDLE_TIMEOUT.toMillis());
    pool.setConnectionTimeout(Math.max(250, config.acquireTimeout().toMillis()));
    pool.setInitializationFailTimeout(-1);
    pool.addDataSourceProperty(
        "connectTimeout", Long.toString(Math.max(1, config.connectTimeout().toSeconds())));
    pool.addDataSourceProperty("socketTimeout", Long.toString(silence.toSeconds()));
    pool.addDataSourceProperty("options", "-c statement_timeout=" + statementMillis);
    return new HikariDataSource(pool);
  }
}
