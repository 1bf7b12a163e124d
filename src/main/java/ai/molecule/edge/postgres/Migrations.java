package ai.molecule.edge.postgres;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;

/**
 * Brings the schema up to this version of the edge: the files of {@code db/migration}, by Flyway.
 * Several nodes may start at once; Flyway's advisory lock lets one of them work and the others find
 * it done. A schema newer than this version is left alone, so that an older node can start during a
 * rolling restart.
 */
public final class Migrations {
  private static final Duration RETRY_PAUSE = Duration.ofMillis(250);

  private final Vertx vertx;
  private final PostgresConfig config;
  private final Duration patience;
  private final Consumer<String> progress;

  /**
   * Migrations of the database of {@code config}.
   *
   * @param patience how long a Postgres that is not there yet is waited for
   * @param progress told in a sentence when it waits; called on an event loop
   */
  public Migrations(
      Vertx vertx, PostgresConfig config, Duration patience, Consumer<String> progress) {
    this.vertx = vertx;
    this.config = config;
    this.patience = patience;
    this.progress = progress;
  }

  /**
   * Migrates, off the event loop.
   *
   * @return what was done; fails with {@code store_unavailable} when Postgres did not come in time,
   *     and with an {@link IllegalStateException} that says why when the schema cannot be brought
   *     up to this version
   */
  public Future<MigrationReport> migrate() {
    return attempt(System.nanoTime() + patience.toNanos());
  }

  private Future<MigrationReport> attempt(long giveUpNanos) {
    return vertx
        .executeBlocking(this::run, false)
        .map(Objects::requireNonNull)
        .recover(
            failure -> {
              SQLException away = unreachable(failure);
              if (away == null) {
                return Future.failedFuture(explained(failure));
              }
              if (System.nanoTime() - giveUpNanos >= 0) {
                return Future.failedFuture(
                    Problem.of(
                            ProblemCode.STORE_UNAVAILABLE,
                            "Postgres at " + config.parsedUri() + " did not answer.")
                        .retryAfter(1));
              }
              progress.accept(
                  "waiting for Postgres at " + config.parsedUri() + ": " + away.getMessage());
              return vertx
                  .timer(RETRY_PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                  .compose(elapsed -> attempt(giveUpNanos));
            });
  }

  private MigrationReport run() {
    Flyway flyway = flyway();
    MigrateResult result = flyway.migrate();
    MigrationInfo current = flyway.info().current();
    if (current == null) {
      throw new IllegalStateException("no migration is in the jar and none in the database");
    }
    boolean newer = current.getState().isApplied() && !current.getState().isResolved();
    return new MigrationReport(
        result.initialSchemaVersion,
        String.valueOf(current.getVersion()),
        result.migrationsExecuted,
        newer);
  }

  private Flyway flyway() {
    PostgresUri uri = config.parsedUri();
    String connectSeconds = Long.toString(Math.max(1, config.connectTimeout().toSeconds()));
    // Its own class loader, not the calling thread's: a thread of Vert.x may have none, and then
    // Flyway finds no driver.
    return Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(
            uri.jdbcUrl("partner-edge-migrations")
                + "&connectTimeout="
                + connectSeconds
                + "&loginTimeout="
                + connectSeconds,
            uri.user(),
            config.effectivePassword())
        .locations("classpath:db/migration")
        .connectRetries(0)
        .cleanDisabled(true)
        .ignoreMigrationPatterns("*:future")
        .load();
  }

  /** The SQL error behind {@code failure} that says Postgres is not there (yet), or null. */
  private static @Nullable SQLException unreachable(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql
          && sql.getSQLState() != null
          && (sql.getSQLState().startsWith("08")
              || sql.getSQLState().startsWith("57P")
              || sql.getSQLState().equals("53300"))) {
        return sql;
      }
    }
    return null;
  }

  private static Throwable explained(Throwable failure) {
    if (failure instanceof FlywayValidateException) {
      return new IllegalStateException(
          "the migrations in the database are not those of this version: " + failure.getMessage(),
          failure);
    }
    return failure instanceof FlywayException
        ? new IllegalStateException(
            "the schema cannot be migrated: " + failure.getMessage(), failure)
        : failure;
  }
}
