package ai.molecule.edge.controlplane.provisioning;

import ai.molecule.edge.controlplane.WorkspacesConfig;
import ai.molecule.edge.controlplane.orgs.Branding;
import ai.molecule.edge.controlplane.orgs.Heartbeats;
import ai.molecule.edge.controlplane.orgs.NewToken;
import ai.molecule.edge.controlplane.orgs.NewWorkspace;
import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgChanges;
import ai.molecule.edge.controlplane.orgs.OrgProgress;
import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.controlplane.orgs.OrgStatus;
import ai.molecule.edge.controlplane.orgs.OrgStep;
import ai.molecule.edge.controlplane.orgs.OrgSweeps;
import ai.molecule.edge.controlplane.orgs.Plan;
import ai.molecule.edge.controlplane.orgs.StepJob;
import ai.molecule.edge.controlplane.orgs.WorkspaceChanges;
import ai.molecule.edge.credential.Actor;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.ChangeOutbox;
import ai.molecule.edge.credential.CredentialKind;
import ai.molecule.edge.credential.Ids;
import ai.molecule.edge.credential.KeyChanges;
import ai.molecule.edge.credential.KeyPublication;
import ai.molecule.edge.credential.KeyStore;
import ai.molecule.edge.credential.MintedCredential;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.TestDatabase;
import ai.molecule.edge.postgres.TransactionFrame;
import ai.molecule.edge.ratelimit.BucketStore;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A database with orgs, and a scheduler's work done by hand: which job runs when, and which dies.
 */
final class OrgWorkshop implements AutoCloseable {
  private static final AuditContext AUDIT = new AuditContext(Actor.ADMIN, "org.changed", "r");
  private static final int ROUNDS_MAX = 100;
  private static final AtomicInteger SLUGS = new AtomicInteger();

  private final TestDatabase database = new TestDatabase();
  final Vertx vertx = database.vertx;
  final PostgresPools pools = database.pools;
  final OrgChanges changes;
  final Ledger ledger;
  private final WorkspaceChanges workspaces;
  private final Heartbeats heartbeats;

  OrgWorkshop() {
    KeyStore keys = new KeyStore(pools);
    // Nobody presents the tokens of these orgs: it does not matter where they are published.
    BucketStore none =
        (BucketStore)
            Proxy.newProxyInstance(
                BucketStore.class.getClassLoader(),
                new Class<?>[] {BucketStore.class},
                (proxy, method, arguments) -> Future.succeededFuture());
    KeyPublication publication = new KeyPublication(none, all -> Future.succeededFuture());
    KeyChanges keyChanges = new KeyChanges(keys, new ChangeOutbox(pools), publication);
    this.changes = new OrgChanges(pools, keys, keyChanges, 100_000, () -> {});
    this.workspaces =
        new WorkspaceChanges(pools, keys, keyChanges, WorkspacesConfig.defaults().quota());
    this.heartbeats = new Heartbeats(pools, 1);
    this.ledger = new Ledger(new EmbeddedProvisioner(pools));
  }

  /** What exists in the world outside, as far as a provisioner made it. */
  static final class Ledger implements Provisioner {
    private final Provisioner embedded;
    private final Set<String> made = ConcurrentHashMap.newKeySet();

    Ledger(Provisioner embedded) {
      this.embedded = embedded;
    }

    @Override
    public Future<Void> provision(Order order) {
      return embedded.provision(order).onSuccess(done -> made.add(name(order)));
    }

    @Override
    public Future<Void> release(Order order) {
      return embedded.release(order).onSuccess(done -> made.remove(name(order)));
    }

    private static String name(Order order) {
      return order.org().id() + " " + order.step();
    }

    long of(Org org) {
      return made.stream().filter(name -> name.startsWith(org.id().toString())).count();
    }
  }

  StepMachine machine(Provisioner provisioner) {
    RetryPolicy retries = new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(2), () -> 0.5);
    return new StepMachine(new OrgProgress(pools), provisioner, retries, Duration.ofHours(1));
  }

  /** An org, and in it a workspace with a token that has said that it lives. */
  Org created() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    Org org =
        new Org(
            Ids.next(),
            "acme",
            "org-" + SLUGS.incrementAndGet(),
            "An org",
            Plan.FREE,
            5,
            Branding.NONE,
            null,
            false,
            null,
            null,
            Map.of(),
            OrgStatus.PROVISIONING,
            Org.FIRST_GENERATION,
            "admin",
            now,
            null,
            null,
            null,
            null);
    Await.result(changes.create(org, AUDIT));
    NewWorkspace workspace = new NewWorkspace(Ids.next(), "a workspace", null);
    NewToken token =
        new NewToken(
            Ids.next(),
            MintedCredential.mint(CredentialKind.WORKSPACE_TOKEN),
            new Limit(60, 60),
            "admin",
            now);
    Await.result(
        workspaces.create(
            new Reach.Everything(),
            new OrgRef.ById(org.id()),
            workspace,
            AUDIT,
            token,
            AUDIT,
            TransactionFrame.none()));
    Await.result(heartbeats.beat(workspace.id(), new Heartbeats.Beat("a task", 1)));
    return org;
  }

  void delete(Org org) {
    Await.result(changes.delete(new Reach.Everything(), new OrgRef.ById(org.id()), AUDIT));
  }

  /** The jobs of an org that are there. */
  List<StepJob> jobs(Org org) {
    List<StepJob> jobs = new ArrayList<>();
    for (Row row :
        Await.result(
            pools.query(
                pools.control(),
                """
                SELECT task_name, task_instance FROM scheduled_tasks
                 WHERE task_instance LIKE $1 ORDER BY task_name, task_instance
                """,
                Tuple.of(org.id() + ":%")))) {
      StepJob.Direction direction =
          row.getString(0).equals("org-provision")
              ? StepJob.Direction.PROVISION
              : StepJob.Direction.TEARDOWN;
      jobs.add(StepJob.parse(direction, row.getString(1)).orElseThrow());
    }
    return jobs;
  }

  /** The job of that step. */
  StepJob job(Org org, OrgStep step) {
    return jobs(org).stream().filter(job -> job.step() == step).findFirst().orElseThrow();
  }

  void remove(StepJob job) {
    query(
        "DELETE FROM scheduled_tasks WHERE task_name = $1 AND task_instance = $2",
        job.direction().task(),
        job.instance());
  }

  /** Runs one job, and takes it away when it is done. */
  boolean run(StepMachine machine, StepJob job) {
    StepOutcome outcome = Await.result(machine.run(job));
    if (outcome instanceof StepOutcome.Done) {
      remove(job);
      return true;
    }
    return false;
  }

  /** Runs what there is, until the next job would be that step's. */
  void runUpTo(Org org, OrgStep step) {
    StepMachine machine = machine(ledger);
    for (int round = 0; round < ROUNDS_MAX; round++) {
      List<StepJob> jobs = jobs(org);
      if (jobs.stream().anyMatch(job -> job.step() == step)) {
        return;
      }
      jobs.forEach(job -> run(machine, job));
    }
    throw new AssertionError("never came to " + step);
  }

  /** Runs every job but {@code held} until none is left, or none but those that wait. */
  void runAll(Org org, StepJob held) {
    StepMachine machine = machine(ledger);
    for (int round = 0; round < ROUNDS_MAX; round++) {
      boolean progress = false;
      for (StepJob job : jobs(org)) {
        progress |= !job.equals(held) && run(machine, job);
      }
      if (!progress) {
        return;
      }
    }
    throw new AssertionError("never came to rest");
  }

  OrgSweeps sweeps() {
    return new OrgSweeps(pools);
  }

  String status(Org org) {
    return query("SELECT status FROM orgs WHERE id = $1", org.id()).getString(0);
  }

  /** Everything that is left of an org that should be gone. */
  String remains(Org org) {
    Row row =
        query(
            """
            SELECT o.status, o.billing_closed_at IS NOT NULL,
                   (SELECT count(*) FROM audit_log
                     WHERE org_id = o.id AND changes ? 'billing_closed_at'),
                   (SELECT count(*) FROM org_resources WHERE org_id = o.id)
                   + (SELECT count(*) FROM workspaces WHERE org_id = o.id AND deleted_at IS NULL)
                   + (SELECT count(*) FROM workspace_heartbeats h
                        JOIN workspaces w ON w.id = h.workspace_id WHERE w.org_id = o.id)
                   + (SELECT count(*) FROM partner_keys
                       WHERE org_id = o.id AND revoked_at IS NULL),
                   (SELECT count(*) FROM org_steps WHERE org_id = o.id AND status = 'running'),
                   (SELECT count(*) FROM events WHERE org_id = o.id AND type = 'org.deleted'),
                   (SELECT count(*) FROM events WHERE org_id = o.id AND type = 'billing.closed')
              FROM orgs o WHERE o.id = $1
            """,
            org.id());
    return "%s, closed %s, %d times, %d rows, %d running, %d + %d told, %d outside, %d jobs"
        .formatted(
            row.getString(0),
            row.getBoolean(1),
            row.getLong(2),
            row.getLong(3),
            row.getLong(4),
            row.getLong(5),
            row.getLong(6),
            ledger.of(org),
            jobs(org).size());
  }

  static final String NOTHING_REMAINS =
      "deleted, closed true, 1 times, 0 rows, 0 running, 1 + 1 told, 0 outside, 0 jobs";

  private Row query(String sql, Object... parameters) {
    var rows = Await.result(pools.query(pools.control(), sql, Tuple.from(parameters)));
    return rows.size() == 0 ? null : rows.iterator().next();
  }

  @Override
  public void close() {
    database.close();
  }
}
