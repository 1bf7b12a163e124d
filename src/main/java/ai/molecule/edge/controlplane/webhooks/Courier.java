package ai.molecule.edge.controlplane.webhooks;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers what is due, so many at once: looks for it from time to time, and at once when an
 * attempt has ended. Belongs to the event loop that made it.
 */
public final class Courier {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  private final Vertx vertx;
  private final DeliveryQueue queue;
  private final Sender sender;
  private final RetrySchedule retries;
  private final int inFlightMax;
  private final CourierMeter meter;
  private final Promise<Void> idle = Promise.promise();
  private long timer = -1;
  private int inFlight;
  private boolean looking;
  private boolean stopped;

  /** A courier for the calling event loop, who does nothing yet. */
  public Courier(
      Vertx vertx,
      DeliveryQueue queue,
      Sender sender,
      RetrySchedule retries,
      int inFlightMax,
      CourierMeter meter) {
    this.vertx = vertx;
    this.queue = queue;
    this.sender = sender;
    this.retries = retries;
    this.inFlightMax = inFlightMax;
    this.meter = meter;
  }

  /** Begins to deliver, and looks for what is due every {@code interval}. */
  public void start(Duration interval) {
    timer = vertx.setPeriodic(interval.toMillis(), tick -> look());
    look();
  }

  /**
   * Takes up nothing more.
   *
   * @return completes when the attempts under way have ended; what a caller does not wait for is
   *     attempted again by another node
   */
  public Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    endIfIdle();
    return idle.future().compose(ended -> sender.close());
  }

  private void endIfIdle() {
    if (stopped && !looking && inFlight == 0) {
      idle.tryComplete();
    }
  }

  private void look() {
    if (stopped || looking || inFlight >= inFlightMax) {
      return;
    }
    looking = true;
    queue
        .claim(inFlightMax - inFlight)
        .onComplete(
            (claimed, failure) -> {
              looking = false;
              if (failure == null) {
                claimed.forEach(this::attempt);
              } else {
                LOG.debug("nothing claimed: {}", failure.toString());
              }
              endIfIdle();
            });
  }

  private void attempt(Claimed claimed) {
    inFlight++;
    sender
        .send(claimed)
        .compose(attempt -> settle(claimed, attempt))
        .onComplete(
            (settled, failure) -> {
              inFlight--;
              if (failure != null) {
                LOG.warn(
                    "delivery {} was attempted but not noted, and will be attempted again: {}",
                    claimed.id(),
                    failure.toString());
              }
              endIfIdle();
              look();
            });
  }

  private Future<Void> settle(Claimed claimed, Attempt attempt) {
    long nanos = attempt.took().toNanos();
    if (attempt.delivered()) {
      meter.attempted(CourierMeter.Outcome.DELIVERED, nanos);
      return queue.delivered(claimed, attempt);
    }
    if (attempt.gone()) {
      meter.attempted(CourierMeter.Outcome.DEAD, nanos);
      return queue.gone(claimed, attempt);
    }
    @Nullable Duration pause =
        retries.pauseAfter(claimed.tries(), attempt.retryAfter()).orElse(null);
    meter.attempted(pause == null ? CourierMeter.Outcome.DEAD : CourierMeter.Outcome.FAILED, nanos);
    return pause == null ? queue.dead(claimed, attempt) : queue.failed(claimed, attempt, pause);
  }
}
