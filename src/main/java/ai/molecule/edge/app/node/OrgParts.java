package ai.molecule.edge.app.node;

import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.controlplane.OrgsConfig;
import ai.molecule.edge.controlplane.orgs.OrgChanges;
import ai.molecule.edge.controlplane.orgs.OrgProgress;
import ai.molecule.edge.controlplane.orgs.OrgSweeps;
import ai.molecule.edge.controlplane.provisioning.EmbeddedProvisioner;
import ai.molecule.edge.controlplane.provisioning.HttpProvisioner;
import ai.molecule.edge.controlplane.provisioning.OrgJobs;
import ai.molecule.edge.controlplane.provisioning.OrgSweeper;
import ai.molecule.edge.controlplane.provisioning.Provisioner;
import ai.molecule.edge.controlplane.provisioning.RetryPolicy;
import ai.molecule.edge.controlplane.provisioning.StepMachine;
import ai.molecule.edge.postgres.JdbcPool;
import ai.molecule.edge.postgres.PostgresPools;
import com.zaxxer.hikari.HikariDataSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What brings orgs up and takes them down on a node: the steps, the jobs that carry them, and the
 * connections of the jobs. Nothing of it runs on an event loop.
 */
final class OrgParts {
  private static final Logger LOG = LoggerFactory.getLogger(OrgParts.class);
  private static final int JDBC_MAX = 4;
  private static final Duration START_PAUSE = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final PostgresPools pools;
  private final HikariDataSource jdbc;
  private final OrgJobs jobs;
  private volatile boolean stopped;

  private OrgParts(Vertx vertx, PostgresPools pools, HikariDataSource jdbc, OrgJobs jobs) {
    this.vertx = vertx;
    this.pools = pools;
    this.jdbc = jdbc;
    this.jobs = jobs;
  }

  /** Puts the parts together; connects to nothing yet. */
  static OrgParts create(Vertx vertx, EdgeConfig config, PostgresPools pools) {
    OrgsConfig orgs = config.orgs();
    HikariDataSource jdbc = JdbcPool.create(config.postgres(), "partner-edge-jobs", JDBC_MAX);
    OrgJobs.Timing timing = OrgJobs.Timing.of(orgs.provisionerTimeout());
    return new OrgParts(vertx, pools, jdbc, new OrgJobs(steps(vertx, orgs, pools), jdbc, timing));
  }

  /** How the steps of orgs are done: here, or first by a control plane. */
  private static StepMachine steps(Vertx vertx, OrgsConfig orgs, PostgresPools pools) {
    Provisioner here = new EmbeddedProvisioner(pools);
    Provisioner provisioner =
        orgs.remote()
            .<Provisioner>map(
                remote ->
                    new HttpProvisioner(
                        vertx, remote, orgs.provisionerTimeout(), InstantSource.system(), here))
            .orElse(here);
    RetryPolicy retries =
        new RetryPolicy(
            orgs.attemptsMax(),
            orgs.pauseMin(),
            orgs.pauseMax(),
            () -> ThreadLocalRandom.current().nextDouble());
    return new StepMachine(new OrgProgress(pools), provisioner, retries, orgs.provisionerTimeout());
  }

  /** Says that there are new jobs. */
  void wake() {
    jobs.wake();
  }

  /**
   * Begins to work, as soon as Postgres is there. Called once, on the event loop that {@code
   * changes} belongs to.
   */
  void start(OrgChanges changes) {
    Context loop = vertx.getOrCreateContext();
    attempt(new OrgSweeper(new OrgSweeps(pools), changes, loop));
  }

  private void attempt(OrgSweeper sweeper) {
    if (stopped) {
      return;
    }
    vertx
        .executeBlocking(
            () -> {
              synchronized (jobs) {
                if (!stopped) {
                  jobs.start(sweeper);
                }
              }
              return true;
            },
            false)
        .onFailure(
            failure -> {
              LOG.warn("the jobs of orgs do not run yet: {}", failure.toString());
              vertx
                  .timer(START_PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                  .onSuccess(elapsed -> attempt(sweeper));
            });
  }

  /**
   * Lets jobs at work finish, and lets go of the connections. A start under way on another thread
   * either is over by then or does not come about.
   */
  Future<Void> stop() {
    stopped = true;
    return vertx
        .executeBlocking(
            () -> {
              synchronized (jobs) {
                jobs.stop();
                jdbc.close();
              }
              return true;
            },
            false)
        .mapEmpty();
  }
}
