package ai.molecule.edge.redis;

import io.vertx.redis.client.Response;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The failure of a batch, told apart by command. The client joins the error answers of a batch into
 * one message, a line each: {@code ERR [index] error}. The answers of the other commands are lost.
 */
final class BatchError {
  private static final Pattern LINE =
      Pattern.compile("(?:^|\\n)(?:ERR )?\\[(\\d+)\\] ([^\\r\\n]*)");

  private BatchError() {}

  /** What happened to the command at {@code index}: its own error answer, or its answer is lost. */
  static Throwable of(Throwable failure, int index) {
    String message = failure.toString();
    if (failure instanceof Response && message != null) {
      Matcher line = LINE.matcher(message);
      while (line.find()) {
        if (Integer.parseInt(line.group(1)) == index) {
          return new RedisErrorReply(line.group(2));
        }
      }
    }
    return RedisUnavailable.LOST;
  }
}
