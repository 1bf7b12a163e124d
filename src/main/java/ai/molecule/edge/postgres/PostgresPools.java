package ai.molecule.edge.postgres;

import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A node's connections to Postgres, in two pools that cannot starve each other: {@code auth} for
 * key lookups and the last-use flush, {@code control} for the control plane. Made without
 * connecting; connections come and go with Postgres by themselves. Safe on any thread.
 */
public final class PostgresPools {
  private static final int TRANSACTION_ATTEMPTS_MAX = 4;
  private static final int STATEMENT_CACHE_MAX = 128;

  /** Silence on a connection in use, past its statements' own timeout, after which it is dead. */
  private static final Duration SILENCE_MARGIN = Duration.ofSeconds(5);

  private final PostgresConfig config;
  private final CallMeter meter;
  private final Pool auth;
  private final Pool control;

  private PostgresPools(PostgresConfig config, CallMeter meter, Pool auth, Pool control) {
    this.config = config;
    this.meter = meter;
    this.auth = auth;
    this.control = control;
  }

  /** The pools of {@code config}. Connects to nothing yet, so Postgres may be down. */
  public static PostgresPools create(Vertx vertx, PostgresConfig config) {
    return create(vertx, config, (op, nanos, failed) -> {});
  }

  /** The same, with {@code meter} told of the calls that are {@link #measured}. */
  public static PostgresPools create(Vertx vertx, PostgresConfig config, CallMeter meter) {
    return new PostgresPools(
        config,
        meter,
        pool(vertx, config, "auth", config.authPoolSize()),
        pool(vertx, config, "control", config.controlPoolSize()));
  }

  private static Pool pool(Vertx vertx, PostgresConfig config, String name, int size) {
    PoolOptions options =
        new PoolOptions()
            .setName("postgres-" + name)
            .setMaxSize(size)
            .setMaxWaitQueueSize(config.poolQueueMax())
            .setConnectionTimeout((int) config.acquireTimeout().toMillis())
            .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
            .setIdleTimeout((int) config.idleTimeout().toMillis())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
    return PgBuilder.pool()
        .using(vertx)
        .with(options)
        .with(transport(config))
        .connectingTo(connectOptions(config, "partner-edge-" + name))
        .build();
  }

  /**
   * The transport's limits. A peer that went silent (no RST, no answer) is noticed by the idle
   * timeout; connections that are idle in the pool are closed by the pool before that.
   */
  static NetClientOptions transport(PostgresConfig config) {
    Duration silence = config.idleTimeout().plus(SILENCE_MARGIN);
    return new NetClientOptions()
        .setConnectTimeout((int) config.connectTimeout().toMillis())
        .setTcpKeepAlive(true)
        .setTcpNoDelay(true)
        .setIdleTimeout((int) silence.toMillis())
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
  }

  /** How to log in: for the pools, and for the one connection that listens. */
  public static PgConnectOptions connectOptions(PostgresConfig config, String applicationName) {
    PostgresUri uri = config.parsedUri();
    long statementMillis = config.statementTimeout().toMillis();
    PgConnectOptions options =
        new PgConnectOptions()
            .setHost(uri.host())
            .setPort(uri.port())
            .setUser(uri.user())
            .setPassword(config.effectivePassword())
            .setDatabase(uri.database())
            .setCachePreparedStatements(true)
            .setPreparedStatementCacheMaxSize(STATEMENT_CACHE_MAX)
            .addProperty("application_name", applicationName)
            .addProperty("statement_timeout", Long.toString(statementMillis))
            // A transaction abandoned by its node gives its locks back.
            .addProperty("idle_in_transaction_session_timeout", Long.toString(2 * statementMillis));
    secure(options, uri);
    return options;
  }

  private static void secure(PgConnectOptions options, PostgresUri uri) {
    SslMode mode = SslMode.of(uri.parameters().getOrDefault("sslmode", "disable"));
    options.setSslMode(mode);
    if (mode == SslMode.DISABLE) {
      return;
    }
    ClientSSLOptions ssl = new ClientSSLOptions();
    ssl.setHostnameVerificationAlgorithm(mode == SslMode.VERIFY_FULL ? "HTTPS" : "");
    String rootCertificate = uri.parameters().get("sslrootcert");
    if (rootCertificate == null) {
      ssl.setTrustAll(true);
    } else {
      ssl.setTrustOptions(new PemTrustOptions().addCertPath(rootCertificate));
    }
    options.setSslOptions(ssl);
  }

  /** The pool for key lookups and the last-use flush. */
  public Pool auth() {
    return auth;
  }

  /** The pool for the control plane. */
  public Pool control() {
    return control;
  }

  /** The settings the pools were made from. */
  public PostgresConfig config() {
    return config;
  }

  /**
   * Runs one statement.
   *
   * @return its rows; fails with {@code store_unavailable} when Postgres could not serve it in
   *     time, else with what Postgres said
   */
  public Future<RowSet<Row>> query(Pool pool, String sql, Tuple parameters) {
    // Not the pool's own preparedQuery: whoever waits there for a connection is never taken out of
    // the queue, and a server that froze is dialled again for each of them, long after they left.
    return within(
        config.statementDeadline(),
        pool.withConnection(connection -> connection.preparedQuery(sql).execute(parameters)));
  }

  /**
   * Runs {@code work}, which is one statement, as a transaction of its own: without the round trips
   * of BEGIN and COMMIT. It is not begun once the caller has been told that it failed.
   *
   * @return what {@code work} made; fails like {@link #transaction}
   */
  public <T> Future<T> statement(Pool pool, Function<SqlConnection, Future<T>> work) {
    AtomicBoolean overdue = new AtomicBoolean();
    Future<T> done =
        pool.getConnection()
            .compose(
                connection ->
                    Future.succeededFuture(connection)
                        .compose(
                            ready ->
                                overdue.get()
                                    ? Future.failedFuture(new TimeoutException("statement overdue"))
                                    : work.apply(ready))
                        .eventually(connection::close));
    return within(config.statementDeadline(), done).onFailure(failure -> overdue.set(true));
  }

  /**
   * Runs {@code work} in one READ COMMITTED transaction and commits it; its failure rolls back.
   * Undone by a deadlock or a serialization failure it runs again, a bounded number of times, so
   * {@code work} must have no other effects.
   *
   * @return what {@code work} made, once committed; fails with {@code store_unavailable} when
   *     Postgres could not serve in time, and then, if the connection was lost during COMMIT, the
   *     change may or may not have been made
   */
  public <T> Future<T> transaction(Pool pool, Function<SqlConnection, Future<T>> work) {
    return transaction(
        pool,
        connection -> Future.succeededFuture(connection),
        (connection, begun) -> work.apply(connection));
  }

  /**
   * The same, saving a round trip where {@code work} begins with {@code looks}: reading or locking,
   * which travel together with BEGIN. They must write nothing, for nobody knows yet that there is a
   * transaction.
   *
   * @param looks is run first
   * @param work is run with what that found
   */
  public <L, T> Future<T> transaction(
      Pool pool,
      Function<SqlConnection, Future<L>> looks,
      BiFunction<SqlConnection, L, Future<T>> work) {
    AtomicBoolean overdue = new AtomicBoolean();
    return within(config.transactionDeadline(), attempt(pool, new Steps<>(looks, work), overdue, 1))
        .onFailure(failure -> overdue.set(true));
  }

  /** The same, with {@code frame} around {@code work}. */
  public <T> Future<T> transaction(
      Pool pool, TransactionFrame<T> frame, Function<SqlConnection, Future<T>> work) {
    return transaction(pool, connection -> frame.around(connection, () -> work.apply(connection)));
  }

  /** What a transaction does. */
  private record Steps<L, T>(
      Function<SqlConnection, Future<L>> looks, BiFunction<SqlConnection, L, Future<T>> work) {}

  private <T> Future<T> attempt(Pool pool, Steps<?, T> steps, AtomicBoolean overdue, int number) {
    return pool.getConnection()
        .compose(connection -> runOn(connection, steps, overdue).eventually(connection::close))
        .recover(
            failure ->
                StoreFailures.isRetryable(failure)
                        && number < TRANSACTION_ATTEMPTS_MAX
                        && !overdue.get()
                    ? attempt(pool, steps, overdue, number + 1)
                    : Future.failedFuture(failure));
  }

  private static <L, T> Future<T> runOn(
      SqlConnection connection, Steps<L, T> steps, AtomicBoolean overdue) {
    Future<Transaction> begin = connection.begin();
    Future<L> looked = Future.succeededFuture(connection).compose(steps.looks());
    return begin.compose(
        transaction ->
            looked
                .compose(seen -> steps.work().apply(connection, seen))
                .compose(
                    made -> commit(transaction, overdue).map(made),
                    failure ->
                        transaction
                            .rollback()
                            .transform(rolledBack -> Future.failedFuture(failure))));
  }

  /** Commits, unless the caller has been told already that it failed. */
  private static Future<Void> commit(Transaction transaction, AtomicBoolean overdue) {
    if (overdue.get()) {
      return transaction
          .rollback()
          .transform(done -> Future.failedFuture(new TimeoutException("transaction overdue")));
    }
    return transaction.commit();
  }

  /**
   * Puts an end to a wait: what {@code call} comes to, or {@code store_unavailable} once {@code
   * limit} is over. Failures of the store become {@code store_unavailable} as well.
   */
  public <T> Future<T> within(Duration limit, Future<T> call) {
    return call.timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .recover(failure -> Future.failedFuture(StoreFailures.classify(failure)));
  }

  /** Takes note of how long {@code call}, just begun, takes as an {@code op}. */
  public <T> Future<T> measured(StoreOp op, Future<T> call) {
    long begun = System.nanoTime();
    return call.onComplete(
        done ->
            meter.ended(
                op,
                System.nanoTime() - begun,
                done.failed() && !StoreFailures.isRefusal(done.cause())));
  }

  /** Closes both pools; calls in flight fail. Completes when the connections are gone. */
  public Future<Void> close() {
    return Future.join(auth.close(), control.close()).mapEmpty();
  }
}
