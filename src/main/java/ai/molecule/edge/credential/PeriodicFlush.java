package ai.molecule.edge.credential;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a flush every period and whenever it is asked for, never two at once. The flush runs on the
 * event loop that this was made on; the methods may be called from any thread.
 */
final class PeriodicFlush {
  private final Supplier<Future<Void>> flush;
  private final Context context;

  // Touched on the context alone.
  private Future<Void> running = Future.succeededFuture();
  private @Nullable Future<Void> next;
  private long timer = -1;

  /** Idle until {@link #start} or {@link #now}. */
  PeriodicFlush(Vertx vertx, Supplier<Future<Void>> flush) {
    this.flush = flush;
    this.context = vertx.getOrCreateContext();
  }

  /** Flushes every {@code period} from now on, but for the times at which a flush is running. */
  void start(Duration period) {
    context.runOnContext(
        start -> {
          if (timer < 0) {
            timer = context.owner().setPeriodic(period.toMillis(), id -> flushUnlessRunning());
          }
        });
  }

  /** Stops the period, and flushes once more as {@link #now} does. */
  Future<Void> stop() {
    context.runOnContext(
        stop -> {
          context.owner().cancelTimer(timer);
          timer = -1;
        });
    return now();
  }

  /**
   * Flushes what there is at this moment, after a flush that is running; those who ask meanwhile
   * share one.
   *
   * @return ends as that flush does
   */
  Future<Void> now() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        turn -> {
          Future<Void> shared = next;
          if (shared == null) {
            shared = running.transform(previous -> begin());
            next = running.isComplete() ? null : shared;
            running = shared;
          }
          shared.onComplete(done);
        });
    return done.future();
  }

  private void flushUnlessRunning() {
    if (running.isComplete()) {
      running = begin();
    }
  }

  /** Whoever asks from now on asks for what this one no longer takes along. */
  private Future<Void> begin() {
    next = null;
    return flush.get();
  }
}
