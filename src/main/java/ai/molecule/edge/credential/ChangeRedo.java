package ai.molecule.edge.credential;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finishes the changes that were committed and whose publication failed or was cut off with its
 * node: takes them from the outbox and publishes the keys' current versions. Every node runs one; a
 * claim keeps them from doing the same work at once.
 */
public final class ChangeRedo {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeRedo.class);
  private static final int BATCH_MAX = 100;

  private final ChangeOutbox outbox;
  private final KeyPublication publication;
  private final Duration period;
  private volatile long pending;
  private boolean running;
  private long timer;

  /** Looks every {@code period} for changes older than twice that. */
  public ChangeRedo(ChangeOutbox outbox, KeyPublication publication, Duration period) {
    this.outbox = outbox;
    this.publication = publication;
    this.period = period;
  }

  /** Starts on the calling event loop. */
  public void start(Vertx vertx) {
    timer = vertx.setPeriodic(period.toMillis(), tick -> run());
  }

  /** Stops; a round under way ends by itself. */
  public void stop(Vertx vertx) {
    vertx.cancelTimer(timer);
  }

  /** Changes waiting in the outbox when it was last looked at. From any thread. */
  public long pending() {
    return pending;
  }

  private void run() {
    if (running) {
      return;
    }
    running = true;
    redo()
        .compose(finished -> outbox.pending())
        .onSuccess(counted -> pending = counted)
        .onComplete(done -> running = false);
  }

  /** One round. Completes with the number of changes finished; never fails. */
  Future<Integer> redo() {
    return outbox
        .claimStale(period.multipliedBy(2), period.multipliedBy(10), BATCH_MAX)
        .compose(
            changes -> {
              Future<Integer> finished = Future.succeededFuture(0);
              for (PendingChange change : changes) {
                finished = finished.compose(count -> finish(change).map(one -> count + one));
              }
              return finished;
            })
        .otherwise(
            failure -> {
              LOG.debug("the outbox could not be read: {}", failure.toString());
              return 0;
            });
  }

  private Future<Integer> finish(PendingChange change) {
    return publication
        .changed(change.keys())
        .compose(published -> outbox.done(change.outboxId()))
        .map(1)
        .otherwise(
            failure -> {
              LOG.debug("change {} is not finished yet: {}", change.outboxId(), failure.toString());
              return 0;
            });
  }
}
