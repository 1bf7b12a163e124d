package ai.molecule.edge.redis;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one server of a cluster knows of it.
 *
 * @param epoch the latest epoch that it knows; one that is cut off knows an earlier one than those
 *     who have promoted a replica meanwhile
 * @param slots its answer to {@code CLUSTER SLOTS}: {@code [first, last, [host, port, …], …]}, the
 *     master first
 */
record ClusterView(long epoch, Response slots) {
  private static final Pattern EPOCH = Pattern.compile("cluster_current_epoch:(\\d{1,18})");
  private static final Request INFO = Request.cmd(Command.CLUSTER, "INFO");
  private static final Request SLOTS = Request.cmd(Command.CLUSTER, "SLOTS");

  /** Asks a server, through {@code send}; fails as {@code send} does. */
  static Future<ClusterView> read(Function<Request, Future<Response>> send) {
    return send.apply(INFO)
        .compose(
            info -> {
              Matcher epoch = EPOCH.matcher(info.toString());
              return send.apply(SLOTS)
                  .map(
                      slots ->
                          new ClusterView(
                              epoch.find() ? Long.parseLong(epoch.group(1)) : 0, slots));
            });
  }

  /** Asks a server to which there is no link, over a connection made for this alone. */
  static Future<ClusterView> readFrom(Vertx vertx, RedisConfig server) {
    Redis client = Redis.createClient(vertx, RedisClientOptions.of(server));
    return client
        .connect()
        .compose(
            connection -> read(request -> connection.send(request).map(Objects::requireNonNull)))
        .timeout(server.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(over -> client.close());
  }
}
