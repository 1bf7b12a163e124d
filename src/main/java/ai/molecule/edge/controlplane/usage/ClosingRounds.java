package ai.molecule.edge.controlplane.usage;

import ai.molecule.edge.telemetry.OutageLog;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has hours closed when they are over, again and again, never two batches at once on a node. What
 * fails is done in the next round. Lives on one event loop; its public methods may be called from
 * any thread.
 */
public final class ClosingRounds {
  private static final Logger LOG = LoggerFactory.getLogger(ClosingRounds.class);

  private final HourCloser closer;
  private final Context context;
  private final IntConsumer closed;
  private final OutageLog outages = new OutageLog(LOG, "the closing of hours");
  private volatile double overdueSeconds;

  // Touched on the context alone.
  private Future<Void> running = Future.succeededFuture();
  private long timer = -1;
  private boolean stopped;

  /**
   * Rounds of {@code closer}; idle until {@link #start}.
   *
   * @param closed told how many hours a batch has closed
   */
  public ClosingRounds(Vertx vertx, HourCloser closer, IntConsumer closed) {
    this.closer = closer;
    this.closed = closed;
    this.context = vertx.getOrCreateContext();
  }

  /** A round every {@code interval} from now on, unless the last one is still at work. */
  public void start(Duration interval) {
    context.runOnContext(
        start ->
            timer =
                context
                    .owner()
                    .setPeriodic(
                        interval.toMillis(),
                        id -> {
                          if (running.isComplete()) {
                            running = round();
                          }
                        }));
  }

  /** No further batch; completes when one at work is over. Never fails. */
  public Future<Void> stop() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        stop -> {
          stopped = true;
          context.owner().cancelTimer(timer);
          running.onComplete(over -> done.complete());
        });
    return done.future();
  }

  /** For how long the oldest hour waited that could be closed, when this node last looked. */
  public double overdueSeconds() {
    return overdueSeconds;
  }

  /** Looks first, since closing holds up the counting of calls. */
  private Future<Void> round() {
    return closer
        .overdueSeconds()
        .compose(
            seconds -> {
              overdueSeconds = seconds;
              return seconds > 0
                  ? batches().compose(closed -> closer.forgetNodes())
                  : Future.succeededFuture();
            })
        .onSuccess(done -> outages.succeeded())
        .onFailure(outages::failed)
        .otherwiseEmpty()
        .mapEmpty();
  }

  private Future<Void> batches() {
    if (stopped) {
      return Future.succeededFuture();
    }
    return closer
        .closeBatch()
        .compose(
            hours -> {
              closed.accept(hours);
              return hours > 0 ? batches() : Future.succeededFuture();
            });
  }
}
