package ai.molecule.edge.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.ArrayList;
import java.util.List;

/**
 * A script with what it is called with.
 *
 * @param script the script
 * @param keys its KEYS
 * @param args its ARGV: text, numbers, byte arrays or buffers
 */
public record ScriptCall(RedisScript script, List<String> keys, List<?> args) {

  /** This call in a cluster: under the tenure of its slot, which must be {@code stamp} if not 0. */
  ScriptCall inSlot(int slot, long stamp) {
    List<String> keysAndTenure = new ArrayList<>(keys);
    keysAndTenure.add(HashSlot.tenurePlace(slot));
    List<Object> argsAndStamp = new ArrayList<>(args);
    argsAndStamp.add(stamp);
    return new ScriptCall(script.tenured(), keysAndTenure, argsAndStamp);
  }

  /** The request on a connection: by digest, but for the first time there. */
  Request on(LiveConnection connection) {
    Incarnation incarnation = connection.incarnation();
    return connection.isFirst(script) ? byText(incarnation) : byDigest(incarnation);
  }

  private Request byDigest(Incarnation incarnation) {
    return request(Command.EVALSHA, script.under(incarnation).digest());
  }

  Request byText(Incarnation incarnation) {
    return request(Command.EVAL, script.under(incarnation).text());
  }

  private Request request(Command command, String scriptArgument) {
    Object[] all = new Object[2 + keys.size() + args.size()];
    int next = 0;
    all[next++] = scriptArgument;
    all[next++] = keys.size();
    for (String key : keys) {
      all[next++] = key;
    }
    for (Object arg : args) {
      all[next++] = arg;
    }
    return Request.cmd(command, all);
  }
}
