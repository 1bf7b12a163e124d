package ai.molecule.edge.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.function.Function;

/** Asks a connection which incarnation its server is in. Always by EVAL: the text is short. */
final class RedisEpoch {
  /** Where the epoch stands. With a single master one place serves every slot. */
  static final String PLACE = "i:{}";

  private static final String TEXT = RedisScript.resource(RedisEpoch.class, "epoch.lua");

  private RedisEpoch() {}

  /** The incarnation, through {@code send}; fails as {@code send} does. */
  static Future<Incarnation> read(Function<Request, Future<Response>> send) {
    return send.apply(Request.cmd(Command.EVAL, TEXT, 1, PLACE))
        .map(
            reply ->
                Incarnation.of(reply.get(0).toString(), Long.parseLong(reply.get(1).toString())));
  }
}
