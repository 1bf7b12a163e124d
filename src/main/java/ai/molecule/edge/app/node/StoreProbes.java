package ai.molecule.edge.app.node;

import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.redis.RedisAccess;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue.Store;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import ai.molecule.edge.telemetry.OutageLog;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each store once a second whether it is there, for readiness and for the log, on connections
 * of its own, so that a busy pool does not look like an outage. Runs on one event loop; what it
 * found may be read from any thread.
 */
final class StoreProbes {
  private static final Logger LOG = LoggerFactory.getLogger(StoreProbes.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final Context loop;
  private final EdgeMeters meters;
  private final EdgeConfig config;
  private final Probe postgres = new Probe(Store.POSTGRES, "postgres", this::askPostgres);
  private final Probe redis = new Probe(Store.REDIS, "redis", this::askRedis);
  private @Nullable RedisAccess redisAccess;
  private @Nullable SqlConnection postgresConnection;
  private boolean closed;

  private StoreProbes(Vertx vertx, EdgeConfig config, EdgeMeters meters) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
    this.meters = meters;
    this.config = config;
  }

  /** Begins; completes when both have been asked once, whatever they said. */
  static Future<StoreProbes> start(Vertx vertx, EdgeConfig config, EdgeMeters meters) {
    StoreProbes probes = new StoreProbes(vertx, config, meters);
    Promise<StoreProbes> begun = Promise.promise();
    probes.loop.runOnContext(
        now -> {
          RedisAccess link = RedisAccess.open(vertx, config.redis(), () -> false);
          probes.redisAccess = link;
          link.connected()
              .timeout(config.redis().connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
              .otherwiseEmpty()
              .compose(
                  connected ->
                      Future.join(probes.postgres.ask(), probes.redis.ask()).otherwiseEmpty())
              .onComplete(asked -> begun.complete(probes));
        });
    return begun.future();
  }

  /** Whether Postgres answered last time. */
  boolean postgresReachable() {
    return postgres.reachable;
  }

  /** Whether Redis answered last time. */
  boolean redisReachable() {
    return redis.reachable;
  }

  private Future<?> askPostgres() {
    SqlConnection connection = postgresConnection;
    if (connection != null) {
      return connection
          .query("SELECT 1")
          .execute()
          .onFailure(
              failure -> {
                postgresConnection = null;
                connection.close();
              });
    }
    return PgConnection.connect(
            vertx, PostgresPools.connectOptions(config.postgres(), "partner-edge-probe"))
        .onSuccess(
            opened -> {
              if (closed) {
                opened.close();
              } else {
                postgresConnection = opened;
                opened.closeHandler(gone -> postgresConnection = null);
              }
            });
  }

  private Future<?> askRedis() {
    RedisAccess link = redisAccess;
    return link == null ? Future.failedFuture("not started") : link.ping();
  }

  /** Stops asking. */
  Future<Void> close() {
    Promise<Void> done = Promise.promise();
    loop.runOnContext(now -> closeHere().onComplete(done));
    return done.future();
  }

  private Future<Void> closeHere() {
    closed = true;
    SqlConnection connection = postgresConnection;
    RedisAccess link = redisAccess;
    Future<?> one = connection == null ? Future.succeededFuture() : connection.close();
    Future<?> other = link == null ? Future.succeededFuture() : link.close();
    return Future.join(one, other).otherwiseEmpty().mapEmpty();
  }

  /** One store's state. */
  private final class Probe {
    private final Store store;
    private final OutageLog outages;
    private final Supplier<Future<?>> question;
    private volatile boolean reachable;

    private Probe(Store store, String name, Supplier<Future<?>> question) {
      this.store = store;
      this.outages = new OutageLog(LOG, name);
      this.question = question;
    }

    private Future<?> ask() {
      long begun = System.nanoTime();
      return question
          .get()
          .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          .onComplete(
              answer -> {
                reachable = answer.succeeded();
                meters.storeCall(store, StoreOp.PROBE, System.nanoTime() - begun, answer.failed());
                if (closed) {
                  return;
                }
                if (answer.succeeded()) {
                  outages.succeeded();
                } else {
                  outages.failed(answer.cause());
                }
                vertx.setTimer(PERIOD.toMillis(), id -> askAgain());
              });
    }

    private void askAgain() {
      if (!closed) {
        ask();
      }
    }
  }
}
