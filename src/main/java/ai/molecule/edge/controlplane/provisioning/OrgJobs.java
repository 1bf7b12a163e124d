package ai.molecule.edge.controlplane.provisioning;

import ai.molecule.edge.controlplane.orgs.StepJob;
import ai.molecule.edge.controlplane.orgs.StepJob.Direction;
import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs of this node: takes due ones from Postgres and runs them on virtual threads. What a
 * killed node was at is found by its missing heartbeats and run again by another. Safe on any
 * thread.
 */
public final class OrgJobs {
  private static final Logger LOG = LoggerFactory.getLogger(OrgJobs.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final int MISSED_HEARTBEATS_MAX = 4;
  private static final double FETCH_BELOW = 0.5;
  private static final double FETCH_UP_TO = 1.0;

  private final StepMachine machine;
  private final DataSource dataSource;
  private final Timing timing;
  private volatile @Nullable Scheduler scheduler;

  /**
   * How often things are looked at.
   *
   * @param jobsAtOnce jobs run at once
   * @param poll how often due jobs are looked for when nobody says that there are
   * @param heartbeat how often a job at work says so; after {@value #MISSED_HEARTBEATS_MAX} missed
   *     ones its node counts as gone
   * @param sweep how often the sweeper runs, on one of the nodes
   * @param jobDeadline how long one run of a job may take
   */
  public record Timing(
      int jobsAtOnce, Duration poll, Duration heartbeat, Duration sweep, Duration jobDeadline) {
    /** As shipped, for provisioners with that deadline. */
    public static Timing of(Duration provisionerDeadline) {
      return new Timing(
          8,
          Duration.ofMillis(500),
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          provisionerDeadline.multipliedBy(2).plusSeconds(30));
    }
  }

  /** Jobs over that machine; {@code dataSource} is the caller's to close. */
  public OrgJobs(StepMachine machine, DataSource dataSource, Timing timing) {
    this.machine = machine;
    this.dataSource = dataSource;
    this.timing = timing;
  }

  /** Begins to work; blocks while it reaches for Postgres, and throws when it is not there. */
  public void start(OrgSweeper sweeper) {
    Scheduler started =
        Scheduler.create(dataSource, task(Direction.PROVISION), task(Direction.TEARDOWN))
            .startTasks(sweeping(sweeper))
            .threads(timing.jobsAtOnce())
            .executorService(
                Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("org-job-", 0).factory()))
            .pollUsingLockAndFetch(FETCH_BELOW, FETCH_UP_TO)
            .pollingInterval(timing.poll())
            .heartbeatInterval(timing.heartbeat())
            .missedHeartbeatsLimit(MISSED_HEARTBEATS_MAX)
            .alwaysPersistTimestampInUTC()
            .shutdownMaxWait(Duration.ofSeconds(5))
            .failureLogging(LogLevel.DEBUG, false)
            .build();
    started.start();
    scheduler = started;
  }

  /** Says that there are new jobs, so that they need not wait for the next look. Never blocks. */
  public void wake() {
    Scheduler running = scheduler;
    if (running != null) {
      running.triggerCheckForDueExecutions();
    }
  }

  /** Ends: lets jobs at work finish for some seconds. Blocks. */
  public void stop() {
    Scheduler running = scheduler;
    scheduler = null;
    if (running != null) {
      running.stop();
    }
  }

  private CustomTask<Void> task(Direction direction) {
    return Tasks.custom(direction.task(), Void.class)
        .onFailureReschedule(FixedDelay.of(PAUSE_AFTER_FAILURE))
        .onDeadExecutionRevive()
        .execute(
            (instance, context) ->
                StepJob.parse(direction, instance.getId())
                    .map(this::run)
                    .orElseGet(CompletionHandler.OnCompleteRemove::new));
  }

  private CompletionHandler<Void> run(StepJob job) {
    return switch (await(machine.run(job))) {
      case StepOutcome.Done() ->
          (complete, operations) -> {
            operations.remove();
            wake();
          };
      case StepOutcome.Again(Duration after) ->
          (complete, operations) -> operations.reschedule(complete, Instant.now().plus(after));
    };
  }

  private RecurringTask<Void> sweeping(OrgSweeper sweeper) {
    return Tasks.recurring("org-sweep", FixedDelay.of(timing.sweep()))
        .execute(
            (instance, context) -> {
              if (await(sweeper.sweep()) > 0) {
                wake();
              }
            });
  }

  private <T> T await(Future<T> work) {
    try {
      return work.await(timing.jobDeadline().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn("a job took too long and will be run again");
      throw new IllegalStateException("overdue", e);
    }
  }
}
