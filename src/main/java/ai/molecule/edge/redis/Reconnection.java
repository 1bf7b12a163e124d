package ai.molecule.edge.redis;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a connection to a server, and another one whenever it is lost, with jittered back-off,
 * until it is stopped. One is made when the server's incarnation has been read over it. Used on one
 * event loop only.
 */
final class Reconnection {
  private static final Logger LOG = LoggerFactory.getLogger(Reconnection.class);

  /** More would shift the delay out of its number; the longest delay is reached long before. */
  private static final int DOUBLINGS_MAX = 16;

  private final Vertx vertx;
  private final RedisConfig config;
  private final BooleanSupplier besideOthers;
  private final EpochReader epoch;
  private final Owner owner;
  private int attemptsInARow;
  private boolean stopped;

  /** Whom the connections are for. */
  interface Owner {
    /**
     * Here is one.
     *
     * @param beganNanos {@link System#nanoTime} before its incarnation was read
     */
    void connected(LiveConnection made, long beganNanos);

    /** There is none, and there will not be one at once. */
    void disconnected();
  }

  Reconnection(
      Vertx vertx,
      RedisConfig config,
      BooleanSupplier besideOthers,
      EpochReader epoch,
      Owner owner) {
    this.vertx = vertx;
    this.config = config;
    this.besideOthers = besideOthers;
    this.epoch = epoch;
    this.owner = owner;
  }

  /** Begins an attempt. */
  void connect() {
    if (stopped) {
      return;
    }
    long beganNanos = System.nanoTime();
    Redis client = Redis.createClient(vertx, RedisClientOptions.of(config));
    Promise<LiveConnection> attempt = Promise.promise();
    long timer =
        vertx.setTimer(
            config.connectTimeout().toMillis(), id -> attempt.tryFail(RedisUnavailable.TIMED_OUT));
    client
        .connect()
        .compose(
            connection ->
                epoch
                    .read(request -> connection.send(request))
                    .map(
                        now ->
                            new LiveConnection(
                                vertx, client, connection, now, config, besideOthers, this::lost)))
        .onSuccess(attempt::tryComplete)
        .onFailure(attempt::tryFail);
    attempt
        .future()
        .onComplete(
            (made, failure) -> {
              vertx.cancelTimer(timer);
              if (made != null && !stopped) {
                attemptsInARow = 0;
                owner.connected(made, beganNanos);
              } else {
                client.close();
                if (!stopped) {
                  owner.disconnected();
                  retry(failure);
                }
              }
            });
  }

  private void lost() {
    owner.disconnected();
    if (!stopped) {
      retry(RedisUnavailable.LOST);
    }
  }

  private void retry(Throwable cause) {
    if (attemptsInARow == 0) {
      LOG.warn("redis_connection_lost cause={}", String.valueOf(cause));
    }
    long max = config.reconnectDelayMax().toMillis();
    long delay = config.reconnectDelayMin().toMillis() << Math.min(attemptsInARow++, DOUBLINGS_MAX);
    long bounded = Math.min(delay, max);
    long jittered = bounded - ThreadLocalRandom.current().nextLong(bounded / 2 + 1);
    vertx.setTimer(Math.max(1, jittered), id -> connect());
  }

  /** Makes no more. */
  void stop() {
    stopped = true;
  }
}
