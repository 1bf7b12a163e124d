package ai.molecule.edge.redis;

import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import org.jspecify.annotations.Nullable;

/**
 * The array a script answered.
 *
 * @param reply the answer as the client library has it
 */
public record ReplyArray(Response reply) {

  /**
   * The integer at {@code index}.
   *
   * @throws IllegalStateException when there is none
   */
  public long integerAt(int index) {
    Response element = reply.get(index);
    Long value = element == null ? null : element.toLong();
    if (value == null) {
      throw new IllegalStateException("the script's answer has no integer at " + index);
    }
    return value;
  }

  /** The bytes at {@code index}, or null where the script answered false. */
  public @Nullable Buffer bytesAt(int index) {
    Response element = reply.get(index);
    return element == null ? null : element.toBuffer();
  }
}
