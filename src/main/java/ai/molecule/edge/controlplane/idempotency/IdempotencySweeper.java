package ai.molecule.edge.controlplane.idempotency;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is to be forgotten: sealed secrets after ten minutes, answers after 24 hours.
 * Neither is answered past its time, swept or not. Every node runs one; they do not wait for one
 * another. On one event loop.
 */
public final class IdempotencySweeper {
  private static final Logger LOG = LoggerFactory.getLogger(IdempotencySweeper.class);
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int BATCH_MAX = 1000;

  private final RememberedAnswers answers;
  private boolean running;
  private long timer;

  /** A sweeper over those answers. */
  public IdempotencySweeper(RememberedAnswers answers) {
    this.answers = answers;
  }

  /** Starts on the calling event loop. */
  public void start(Vertx vertx) {
    timer = vertx.setPeriodic(PERIOD.toMillis(), tick -> run());
  }

  /** Stops; a round under way ends by itself. */
  public void stop(Vertx vertx) {
    vertx.cancelTimer(timer);
  }

  private void run() {
    if (!running) {
      running = true;
      sweep().onComplete(done -> running = false);
    }
  }

  /** One round, until nothing is left. Completes with the rows changed; never fails. */
  Future<Integer> sweep() {
    return answers
        .forgetSecrets(BATCH_MAX)
        .compose(secrets -> answers.forget(BATCH_MAX).map(forgotten -> secrets + forgotten))
        .compose(
            swept ->
                swept < BATCH_MAX
                    ? Future.succeededFuture(swept)
                    : sweep().map(more -> swept + more))
        .otherwise(
            failure -> {
              LOG.debug("idempotency keys could not be swept: {}", failure.toString());
              return 0;
            });
  }
}
