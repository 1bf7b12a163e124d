package ai.molecule.edge.controlplane.provisioning;

import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgProgress;
import ai.molecule.edge.controlplane.orgs.OrgProgress.Taken;
import ai.molecule.edge.controlplane.orgs.StepJob;
import ai.molecule.edge.controlplane.orgs.StepJob.Direction;
import ai.molecule.edge.controlplane.provisioning.Provisioner.Order;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does one step of an org: takes it up, has it done, finishes it. A step whose org has begun to go
 * has lost: what it may have made is taken back before its job ends, whenever that shows, and also
 * when it shows only after a crash. Safe on any thread.
 */
public final class StepMachine {
  private static final Logger LOG = LoggerFactory.getLogger(StepMachine.class);

  /** How long the end of a teardown waits for steps of older generations to be taken back. */
  private static final Duration STRAGGLERS_PAUSE = Duration.ofMillis(200);

  private static final int ERROR_CHARS_MAX = 500;

  private final OrgProgress progress;
  private final Provisioner provisioner;
  private final RetryPolicy retries;
  private final Duration deadline;

  /**
   * A machine over those rows.
   *
   * @param deadline of one call of the provisioner
   */
  public StepMachine(
      OrgProgress progress, Provisioner provisioner, RetryPolicy retries, Duration deadline) {
    this.progress = progress;
    this.provisioner = provisioner;
    this.retries = retries;
    this.deadline = deadline;
  }

  /**
   * Runs a job once.
   *
   * @return what becomes of it; fails when Postgres could not say, and then the job is to be run
   *     again
   */
  public Future<StepOutcome> run(StepJob job) {
    return progress
        .take(job)
        .compose(
            taken ->
                switch (taken) {
                  case Taken.Nothing() -> done();
                  case Taken.Lost(Org org, int attempts) -> takeBack(job, org, attempts);
                  case Taken.Held(Org org, int attempts) -> work(job, org, attempts);
                });
  }

  private Future<StepOutcome> work(StepJob job, Org org, int attempts) {
    return call(job.direction(), order(job, org))
        .transform(
            called ->
                called.succeeded()
                    ? finish(job, org, attempts)
                    : failed(job, org, attempts, called.cause()));
  }

  private Future<Void> call(Direction direction, Order order) {
    Future<Void> call;
    try {
      call =
          direction == Direction.PROVISION
              ? provisioner.provision(order)
              : provisioner.release(order);
    } catch (RuntimeException e) {
      call = Future.failedFuture(e);
    }
    return call.timeout(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Future<StepOutcome> finish(StepJob job, Org org, int attempts) {
    return progress
        .finish(job)
        .compose(
            finished ->
                switch (finished) {
                  case DONE -> done();
                  case WAITS -> again(STRAGGLERS_PAUSE);
                  case LOST -> takeBack(job, org, attempts);
                });
  }

  private Future<StepOutcome> takeBack(StepJob job, Org org, int attempts) {
    return call(Direction.TEARDOWN, order(job, org))
        .compose(released -> progress.lost(job))
        .transform(
            lost -> {
              if (lost.succeeded()) {
                LOG.info("step {} lost to the deletion of its org and was undone", job.instance());
                return done();
              }
              LOG.warn("step {} is not undone yet: {}", job.instance(), said(lost.cause()));
              return again(retries.pauseAfter(attempts));
            });
  }

  private Future<StepOutcome> failed(StepJob job, Org org, int attempts, Throwable failure) {
    String error = said(failure);
    LOG.warn("step {} failed, attempt {}: {}", job.instance(), attempts, error);
    boolean spent =
        job.direction() == Direction.PROVISION
            && (failure instanceof Provisioner.Refused || attempts >= retries.attemptsMax());
    return progress
        .failed(job, error, spent)
        .compose(
            noted ->
                switch (noted) {
                  case DONE -> done();
                  case WAITS -> again(retries.pauseAfter(attempts));
                  case LOST -> takeBack(job, org, attempts);
                });
  }

  /** What is shown of a failure: never more than its own words, and not many of them. */
  private static String said(Throwable failure) {
    String message = failure.getMessage();
    String said = message == null || message.isBlank() ? failure.toString() : message;
    return said.length() > ERROR_CHARS_MAX ? said.substring(0, ERROR_CHARS_MAX) : said;
  }

  private static Order order(StepJob job, Org org) {
    return new Order(org, job.generation(), job.step());
  }

  private static Future<StepOutcome> done() {
    return Future.succeededFuture(new StepOutcome.Done());
  }

  private static Future<StepOutcome> again(Duration after) {
    return Future.succeededFuture(new StepOutcome.Again(after));
  }
}
