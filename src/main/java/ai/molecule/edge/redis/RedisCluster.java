package ai.molecule.edge.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's way to a Redis Cluster: a held connection to each master, and who owns which
 * slot. Each master has its own deadlines and breaker, so one that is away hurts its slots alone.
 *
 * <p>A server that does not own a slot says so and has done nothing: the command goes on to the one
 * that it names, a few times at most. A command that may have run is never repeated.
 *
 * <p>Scripts run under the tenure of their slot (tenure.lua): the incarnations that callers note
 * are those of a slot at a server, not of the server alone.
 */
final class RedisCluster implements RedisAccess {
  /** Servers that one command is sent on to at most: a slot that moved may be moving again. */
  private static final int HOPS_MAX = 3;

  /** Pause of a command whose keys are just being moved, before it is sent again. */
  private static final long TRY_AGAIN_MILLIS = 10;

  /** Commands that pause at most. */
  private static final int PAUSED_MAX = 1_024;

  private static final RedisScript TENURE =
      RedisScript.of("return {EPOCH_START_MICROS, INCARNATION}");

  private final Vertx vertx;
  private final long patienceNanos;
  private final ClusterServers servers;
  private int paused;

  private RedisCluster(Vertx vertx, RedisConfig config, ClusterServers servers) {
    this.vertx = vertx;
    this.patienceNanos = config.sharedCommandTimeout().toNanos();
    this.servers = servers;
  }

  /** A way of the calling event loop; see {@link RedisAccess#open}. */
  static RedisCluster open(Vertx vertx, RedisConfig config, BooleanSupplier besideOthers) {
    return new RedisCluster(vertx, config, ClusterServers.open(vertx, config, besideOthers));
  }

  @Override
  public Future<?> connected() {
    return servers.connected();
  }

  @Override
  public Future<Incarnation> incarnationOf(String key) {
    int slot = HashSlot.of(key);
    return run(slot, new ScriptCall(TENURE, List.of(), List.of()), 0)
        .map(ReplyArray::new)
        .map(tenure -> new Incarnation("slot " + slot, tenure.integerAt(0), tenure.integerAt(1)));
  }

  @Override
  public Future<Response> run(ScriptCall call) {
    return run(HashSlot.of(call.keys().getFirst()), call, 0);
  }

  @Override
  public Future<Response> runUnder(Incarnation noted, ScriptCall call) {
    return run(HashSlot.of(call.keys().getFirst()), call, noted.number());
  }

  private Future<Response> run(int slot, ScriptCall call, long stamp) {
    long giveUpNanos = System.nanoTime() + patienceNanos;
    return ask(
        new Errand(slot, call.inSlot(slot, stamp), giveUpNanos),
        servers.owner(slot),
        false,
        HOPS_MAX);
  }

  /**
   * A script on its way.
   *
   * @param giveUpNanos when it is not sent again any more, even if it has not run
   */
  private record Errand(int slot, ScriptCall call, long giveUpNanos) {}

  /**
   * Sends it to a server.
   *
   * @param asking whether the server does not own the slot yet, and was named for this once
   */
  private Future<Response> ask(
      Errand errand, @Nullable ServerAddress server, boolean asking, int hopsLeft) {
    RedisLink link = server == null ? null : servers.link(server);
    if (server == null || link == null) {
      return Future.failedFuture(RedisUnavailable.NOT_CONNECTED);
    }
    return (asking ? link.runAsking(errand.call()) : link.run(errand.call()))
        .recover(
            failure ->
                failure instanceof RedisErrorReply reply
                    ? answered(errand, server, reply, hopsLeft)
                    : Future.failedFuture(failure));
  }

  /** What follows from an error answer: nothing has run. */
  private Future<Response> answered(
      Errand errand, ServerAddress asked, RedisErrorReply reply, int hopsLeft) {
    return switch (reply.code()) {
      case "MOVED", "ASK" -> {
        ServerAddress named = named(reply, asked);
        if (named == null || hopsLeft == 0) {
          yield Future.failedFuture(RedisUnavailable.REFUSED);
        }
        boolean asking = reply.code().equals("ASK");
        if (!asking) {
          servers.moved(errand.slot(), named);
        }
        yield ask(errand, named, asking, hopsLeft - 1);
      }
      case "TRYAGAIN" -> pause(errand);
      case "CLUSTERDOWN" -> {
        servers.doubt();
        yield Future.failedFuture(RedisUnavailable.REFUSED);
      }
      case "STALE_TENURE" -> Future.failedFuture(IncarnationChanged.INSTANCE);
      default -> Future.failedFuture(reply);
    };
  }

  /** The server in {@code slot host:port}. */
  private static @Nullable ServerAddress named(RedisErrorReply reply, ServerAddress asked) {
    String rest = reply.rest();
    return ServerAddress.parse(rest.substring(rest.indexOf(' ') + 1), asked);
  }

  /** Some of the keys have been moved and some not: in a moment they will all be together. */
  private Future<Response> pause(Errand errand) {
    if (paused >= PAUSED_MAX || System.nanoTime() - errand.giveUpNanos() >= 0) {
      return Future.failedFuture(RedisUnavailable.REFUSED);
    }
    paused++;
    Promise<Response> later = Promise.promise();
    vertx.setTimer(
        TRY_AGAIN_MILLIS,
        id -> {
          paused--;
          ask(errand, servers.owner(errand.slot()), false, HOPS_MAX).onComplete(later);
        });
    return later.future();
  }

  @Override
  public boolean isOneServer() {
    return false;
  }

  @Override
  public void atEndOfTurn(Runnable action) {
    vertx.runOnContext(end -> action.run());
  }

  @Override
  public String serverOf(String key) {
    return servers.name(servers.owner(HashSlot.of(key)));
  }

  @Override
  public long awayNanos(String key) {
    return servers.awayNanos(servers.owner(HashSlot.of(key)));
  }

  @Override
  public Future<?> ping() {
    return servers.ping();
  }

  @Override
  public CircuitBreaker.State breakerState() {
    return servers.breakerState();
  }

  @Override
  public Future<Void> close() {
    servers.close();
    return Future.succeededFuture();
  }
}
