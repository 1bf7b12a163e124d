package ai.molecule.edge.ratelimit;

import ai.molecule.edge.redis.ReplyArray;
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
    ReplyArray array = new ReplyArray(reply);
    return new PutReply(array.integerAt(0) == 1, array.integerAt(1), (int) array.integerAt(2));
  }
}
