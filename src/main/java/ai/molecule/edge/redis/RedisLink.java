package ai.molecule.edge.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's held connection to Redis: pipelined, with a deadline on each command, a breaker,
 * and reconnection with jittered back-off. Scripts run only once the server's incarnation is known.
 *
 * <p>Created on an event loop and used on that loop only; futures complete there. What cannot be
 * asked fails at once, nothing is queued and nothing is ever sent twice. Failures are {@link
 * RedisUnavailable}, {@link RedisErrorReply} or, under a noted incarnation, {@link
 * IncarnationChanged}.
 */
public final class RedisLink implements RedisAccess {
  private final Vertx vertx;
  private final EpochReader epoch;
  private final CircuitBreaker breaker;
  private final Reconnection reconnection;
  private final Promise<Incarnation> connected = Promise.promise();
  private @Nullable LiveConnection live;
  private @Nullable Future<Incarnation> rechecking;
  private long knownNanos;
  private long awaySinceNanos = System.nanoTime();

  private RedisLink(
      Vertx vertx, RedisConfig config, BooleanSupplier besideOthers, EpochReader epoch) {
    this.vertx = vertx;
    this.epoch = epoch;
    this.breaker =
        new CircuitBreaker(config.breakerFailures(), config.breakerOpen(), System::nanoTime);
    this.reconnection = new Reconnection(vertx, config, besideOthers, epoch, new Held());
  }

  /** A link of the calling event loop, which begins to connect at once and never gives up. */
  public static RedisLink open(Vertx vertx, RedisConfig config) {
    return open(vertx, config, () -> false);
  }

  /**
   * The same for a node that may not be the only one.
   *
   * @param besideOthers whether other nodes ask this Redis now, so that commands have the longer of
   *     the two deadlines
   */
  public static RedisLink open(Vertx vertx, RedisConfig config, BooleanSupplier besideOthers) {
    return open(vertx, config, besideOthers, RedisEpoch::read);
  }

  /** The same to one master of a cluster. */
  static RedisLink openMaster(Vertx vertx, RedisConfig config, BooleanSupplier besideOthers) {
    return open(vertx, config, besideOthers, ClusterEpoch::read);
  }

  private static RedisLink open(
      Vertx vertx, RedisConfig config, BooleanSupplier besideOthers, EpochReader epoch) {
    RedisLink link = new RedisLink(vertx, config, besideOthers, epoch);
    link.reconnection.connect();
    return link;
  }

  /** Completes when the first connection is up; never fails while the link is open. */
  @Override
  public Future<Incarnation> connected() {
    return connected.future();
  }

  /** Whether a command would go out now: connected, and the breaker is not open. */
  public boolean isAvailable() {
    return live != null && breaker.state() != CircuitBreaker.State.OPEN;
  }

  /** The breaker, for its state and transitions. Open as well while there is no connection. */
  public CircuitBreaker breaker() {
    return breaker;
  }

  /** The current incarnation; fails with {@link RedisUnavailable} while there is no connection. */
  public Future<Incarnation> incarnation() {
    LiveConnection connection = live;
    return connection == null
        ? Future.failedFuture(RedisUnavailable.NOT_CONNECTED)
        : Future.succeededFuture(connection.incarnation());
  }

  @Override
  public Future<Incarnation> incarnationOf(String key) {
    return incarnation();
  }

  @Override
  public boolean isOneServer() {
    return true;
  }

  @Override
  public void atEndOfTurn(Runnable action) {
    vertx.runOnContext(end -> action.run());
  }

  @Override
  public String serverOf(String key) {
    return "";
  }

  @Override
  public long awayNanos(String key) {
    return awayNanos();
  }

  /** For how long there has been no connection; 0 while there is one. */
  long awayNanos() {
    return live == null ? Math.max(1, System.nanoTime() - awaySinceNanos) : 0;
  }

  @Override
  public Future<?> ping() {
    return send(Request.cmd(Command.PING));
  }

  @Override
  public CircuitBreaker.State breakerState() {
    return breaker.state();
  }

  /** {@link System#nanoTime} before the incarnation was last read from the server. */
  long knownNanos() {
    return knownNanos;
  }

  /** Sends a command that is no script. No command that changes the connection or subscribes. */
  public Future<Response> send(Request request) {
    return ask(connection -> request);
  }

  /**
   * Runs a script under whatever incarnation is current. When the server lacks the script, the
   * incarnation is read again and the script is sent in full, once: it had not run.
   */
  @Override
  public Future<Response> run(ScriptCall call) {
    return ask(call::on)
        .recover(
            failure ->
                isUnknownScript(failure)
                    ? recheck().compose(now -> ask(c -> call.byText(c.incarnation())))
                    : Future.failedFuture(failure));
  }

  /**
   * Runs a script only if Redis is still in {@code noted}; else fails with {@link
   * IncarnationChanged} and nothing has run.
   */
  @Override
  public Future<Response> runUnder(Incarnation noted, ScriptCall call) {
    return askUnder(noted, call::on)
        .recover(
            failure ->
                isUnknownScript(failure)
                    ? recheck().compose(now -> askUnder(noted, connection -> call.byText(noted)))
                    : Future.failedFuture(failure));
  }

  /**
   * Runs a script at a server that is about to get the script's slot: in full, since the server may
   * lack it, right behind {@code ASKING}, which is true of the very next command alone.
   */
  Future<Response> runAsking(ScriptCall call) {
    Future<Response> asking = send(Request.cmd(Command.ASKING));
    return asking.failed() ? asking : ask(connection -> call.byText(connection.incarnation()));
  }

  private Future<Response> askUnder(Incarnation noted, Function<LiveConnection, Request> request) {
    LiveConnection connection = live;
    if (connection != null && !connection.incarnation().equals(noted)) {
      return Future.failedFuture(IncarnationChanged.INSTANCE);
    }
    return ask(request);
  }

  private static boolean isUnknownScript(Throwable failure) {
    return failure instanceof RedisErrorReply reply && reply.isUnknownScript();
  }

  private Future<Response> ask(Function<LiveConnection, Request> request) {
    LiveConnection connection = live;
    if (connection == null) {
      return Future.failedFuture(RedisUnavailable.NOT_CONNECTED);
    }
    if (connection.isSaturated()) {
      return Future.failedFuture(RedisUnavailable.SATURATED);
    }
    if (!breaker.tryPass()) {
      return Future.failedFuture(RedisUnavailable.BREAKER_OPEN);
    }
    return connection
        .send(request.apply(connection))
        .transform(
            answer -> {
              if (answer.succeeded()) {
                breaker.succeeded();
                return Future.succeededFuture(answer.result());
              }
              return Future.failedFuture(judge(connection, answer.cause()));
            });
  }

  /** Reports a failure to the breaker and says what the caller gets. */
  private Throwable judge(LiveConnection connection, Throwable failure) {
    if (failure instanceof RedisErrorReply reply && !reply.isNotServing()) {
      breaker.succeeded();
      return reply;
    }
    breaker.failed();
    if (failure instanceof RedisErrorReply reply) {
      if (reply.isOtherRole()) {
        // A demoted master: connecting anew finds the promoted one.
        connection.lose();
      }
      return RedisUnavailable.REFUSED;
    }
    return failure;
  }

  /**
   * Reads the incarnation again, on the connection of now; one reading serves all who ask. A server
   * that is no master any more is let go.
   */
  Future<Incarnation> recheck() {
    Future<Incarnation> running = rechecking;
    if (running != null) {
      return running;
    }
    LiveConnection connection = live;
    if (connection == null) {
      return Future.failedFuture(RedisUnavailable.NOT_CONNECTED);
    }
    Promise<Incarnation> promise = Promise.promise();
    rechecking = promise.future();
    long sentNanos = System.nanoTime();
    epoch
        .read(request -> ask(same -> request))
        .onComplete(
            read -> {
              rechecking = null;
              if (read.succeeded()) {
                connection.incarnation(read.result());
                knownNanos = sentNanos;
              } else if (read.cause() instanceof RedisErrorReply reply && reply.isOtherRole()) {
                connection.lose();
              }
              promise.handle(read);
            });
    return promise.future();
  }

  /** The connection of now, or none. */
  private final class Held implements Reconnection.Owner {
    @Override
    public void connected(LiveConnection made, long beganNanos) {
      live = made;
      knownNanos = beganNanos;
      made.watch();
      // The epoch has just been read on it: that was the probe.
      breaker.reset();
      connected.tryComplete(made.incarnation());
    }

    @Override
    public void disconnected() {
      if (live != null) {
        awaySinceNanos = System.nanoTime();
      }
      live = null;
      if (breaker.state() != CircuitBreaker.State.OPEN) {
        breaker.trip();
      }
    }
  }

  /** Closes the connection for good; what is in flight fails. */
  @Override
  public Future<Void> close() {
    reconnection.stop();
    LiveConnection connection = live;
    if (connection != null) {
      connection.lose();
    }
    return Future.succeededFuture();
  }
}
