package ai.molecule.edge.redis;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.util.function.BooleanSupplier;

/**
 * One event loop's way to Redis, however it is arranged. Used on that loop only, but for {@link
 * #breakerState}; futures complete there.
 *
 * <p>What cannot be asked fails at once, within the command's deadline, and nothing that may have
 * run is ever sent twice. Failures are {@link RedisUnavailable}, {@link RedisErrorReply} or, under
 * a noted incarnation, {@link IncarnationChanged}.
 */
public interface RedisAccess {
  /**
   * A way of the calling event loop, which begins to connect at once and never gives up.
   *
   * @param besideOthers whether other nodes ask this Redis now, so that commands have the longer of
   *     the two deadlines
   */
  static RedisAccess open(Vertx vertx, RedisConfig config, BooleanSupplier besideOthers) {
    return switch (config.mode()) {
      case SERVER, SENTINEL -> RedisLink.open(vertx, config, besideOthers);
      case CLUSTER -> RedisCluster.open(vertx, config, besideOthers);
    };
  }

  /** Completes when Redis, all of it, has first been reached; never fails while this is open. */
  Future<?> connected();

  /**
   * The incarnation now of the memory in which {@code key} stands, to be noted for {@link
   * #runUnder}.
   */
  Future<Incarnation> incarnationOf(String key);

  /**
   * Runs a script, all of whose keys share a slot unless this {@link #isOneServer}, under whatever
   * incarnation is current.
   */
  Future<Response> run(ScriptCall call);

  /**
   * Runs a script only if the memory that its keys stand in is still in {@code noted}; else fails
   * with {@link IncarnationChanged} and nothing has run.
   */
  Future<Response> runUnder(Incarnation noted, ScriptCall call);

  /**
   * Whether one server holds everything, so that the keys of a script need not share a slot.
   *
   * @see #atEndOfTurn
   */
  boolean isOneServer();

  /**
   * Runs {@code action} when this turn of the event loop has ended: what is asked then goes out
   * with what was asked in the turn.
   */
  void atEndOfTurn(Runnable action);

  /** The server that answers for {@code key} as far as is known: an opaque name, maybe empty. */
  String serverOf(String key);

  /**
   * For how long this event loop has had no connection to the server that answers for {@code key};
   * 0 while it has one, and when that server is not known.
   */
  long awayNanos(String key);

  /** Completes when every server that is needed answers. */
  Future<?> ping();

  /** The state of the circuit breaker before Redis, of several the worst. From any thread. */
  CircuitBreaker.State breakerState();

  /** Lets go of Redis for good; what is in flight fails. */
  Future<Void> close();
}
