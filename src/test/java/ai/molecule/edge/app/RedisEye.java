package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks into a Redis from outside the edge. Every call blocks. */
final class RedisEye implements AutoCloseable {
  private static final Pattern SCRIPT_CALLS =
      Pattern.compile("cmdstat_(?:eval|evalsha):calls=(\\d+)");

  private final Vertx vertx = Vertx.vertx();
  private final Redis redis;

  RedisEye(String uri) {
    this.redis = Redis.createClient(vertx, uri);
  }

  /** Scripts run since the server started: everything the edge asks on behalf of requests. */
  long scriptCalls() {
    Matcher calls = SCRIPT_CALLS.matcher(ask(Command.INFO, "commandstats").toString());
    long sum = 0;
    while (calls.find()) {
      sum += Long.parseLong(calls.group(1));
    }
    return sum;
  }

  /** Every key with its value, as one text a key; bytes that are no text become others. */
  List<String> everything() {
    List<String> all = new ArrayList<>();
    for (Response key : ask(Command.KEYS, "*")) {
      all.add(key + " " + ask(Command.GET, key.toString()));
    }
    return all;
  }

  /** Whether there is a key of that name. */
  boolean has(String key) {
    return ask(Command.EXISTS, key).toInteger() == 1;
  }

  /** Makes Redis forget a key, as an eviction would; it must have been there. */
  void forget(String key) {
    assertThat(ask(Command.DEL, key).toInteger()).isEqualTo(1);
  }

  private Response ask(Command command, String argument) {
    return Await.result(redis.send(Request.cmd(command).arg(argument)));
  }

  @Override
  public void close() {
    redis.close();
    Await.result(vertx.close());
  }
}
