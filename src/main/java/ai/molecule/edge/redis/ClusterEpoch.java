package ai.molecule.edge.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a master of a cluster who it is. No key of any name is sure to stand there, so its
 * incarnation is its process and its history alone; what it may have forgotten since, and when, is
 * told for each slot by tenure.lua.
 */
final class ClusterEpoch {
  private static final Pattern RUN_ID = Pattern.compile("run_id:(\\p{XDigit}+)");
  private static final Pattern HISTORY = Pattern.compile("master_replid:(\\p{XDigit}+)");

  private ClusterEpoch() {}

  /**
   * The incarnation, through {@code send}; fails as {@code send} does, and with an error reply of a
   * server that is no master.
   */
  static Future<Incarnation> read(Function<Request, Future<Response>> send) {
    return send.apply(Request.cmd(Command.INFO, "server", "replication")).compose(ClusterEpoch::of);
  }

  private static Future<Incarnation> of(Response reply) {
    String info = reply.toString();
    Matcher runId = RUN_ID.matcher(info);
    Matcher history = HISTORY.matcher(info);
    if (!info.contains("role:master") || !runId.find() || !history.find()) {
      return Future.failedFuture(new RedisErrorReply("READONLY the server is no master"));
    }
    return Future.succeededFuture(Incarnation.of(runId.group(1) + ":" + history.group(1), 0));
  }
}
