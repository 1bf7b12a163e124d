package ai.molecule.edge.ratelimit;

import io.vertx.redis.client.Response;

/**
 * What put.lua answered.
 *
 * @param won whether the record was written; false when a higher version was there
 * @param version the version that stands there now
 * @param state ordinal of the state that stands there now
 */
public record PutReply(boolean won, long version, int state) {
  static PutReply of(Response reply) {
    return new PutReply(
        reply.get(0).toInteger() == 1, reply.get(1).toLong(), reply.get(2).toInteger());
  }
}
