package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.audit.AuditStore;
import ai.molecule.edge.controlplane.idempotency.RememberedAnswers;
import ai.molecule.edge.controlplane.orgs.Heartbeats;
import ai.molecule.edge.controlplane.orgs.MemberStore;
import ai.molecule.edge.controlplane.orgs.OrgChanges;
import ai.molecule.edge.controlplane.orgs.OrgExports;
import ai.molecule.edge.controlplane.orgs.OrgStore;
import ai.molecule.edge.controlplane.orgs.WorkspaceChanges;
import ai.molecule.edge.controlplane.orgs.WorkspaceStore;
import ai.molecule.edge.controlplane.usage.UsageStore;
import ai.molecule.edge.controlplane.webhooks.DeliveryStore;
import ai.molecule.edge.controlplane.webhooks.SealingKey;
import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.controlplane.webhooks.WebhookStore;
import ai.molecule.edge.credential.ChangeOutbox;
import ai.molecule.edge.credential.KeyChanges;
import ai.molecule.edge.credential.KeyPublication;
import ai.molecule.edge.credential.KeyStore;
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.overload.OverloadConfig;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.ratelimit.SharedBuckets;
import ai.molecule.edge.redis.RedisLink;
import ai.molecule.edge.telemetry.EdgeMeters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the control plane of one event loop is made of, as the tests have it. */
record ControlPlaneParts(
    Operations operations, ConsoleApi console, Repetitions repetitions, OrgChanges changes) {
  static final Map<String, Limit> TIERS = Map.of("gold", new Limit(600, 1200));
  static final Limit DEFAULT_LIMIT = new Limit(60, 60);
  static final int USAGE_DAYS_MAX = 93;
  static final SealingKey WEBHOOK_KEY = SealingKey.parse(SealingKey.generate());
  static final int WEBHOOKS_MAX = 5;
  static final BodyLimits BODIES = new BodyLimits(64 * 1024, Duration.ofSeconds(10));

  /**
   * The parts over those stores.
   *
   * @param flush writes down the calls that are counted
   * @param wake told of new jobs
   */
  static ControlPlaneParts over(
      PostgresPools pools,
      RedisLink redis,
      int perPartnerMax,
      Supplier<Future<Void>> flush,
      Runnable wake) {
    KeyStore store = new KeyStore(pools);
    KeyPublication publication =
        new KeyPublication(new SharedBuckets(redis), keys -> Future.succeededFuture());
    KeyChanges keyChanges = new KeyChanges(store, new ChangeOutbox(pools), publication);
    OrgChanges orgChanges = new OrgChanges(pools, store, keyChanges, perPartnerMax, wake);
    OrgStore orgs = new OrgStore(pools);
    InstantSource clock = InstantSource.system();
    EdgeMeters meters = new EdgeMeters(new SimpleMeterRegistry());
    WorkspacesConfig config = WorkspacesConfig.defaults();
    WorkspaceStore workspaces = new WorkspaceStore(pools);
    WorkspaceChanges workspaceChanges =
        new WorkspaceChanges(pools, store, keyChanges, config.quota());
    WorkspaceTokens tokens =
        new WorkspaceTokens(store, keyChanges, workspaceChanges, config.tokenLimit(), clock);
    WebhookStore webhooks = new WebhookStore(pools, WEBHOOK_KEY, WEBHOOKS_MAX);
    Operations operations =
        new Operations(
            new KeysApi(store, keyChanges, orgChanges, TIERS, DEFAULT_LIMIT, clock, meters),
            new OrgsApi(orgs, orgChanges, new PublicAddress(null), clock),
            new MembersApi(new MemberStore(pools), clock),
            new UsageApi(orgs, new UsageStore(pools), flush, USAGE_DAYS_MAX, clock),
            new WorkspacesApi(workspaces, workspaceChanges, tokens),
            new OwnWorkspaceApi(
                workspaces, new Heartbeats(pools, config.heartbeatsWaitingMax()), tokens),
            new AuditApi(new AuditStore(pools)),
            new ExportApi(new OrgExports(pools, 2, Duration.ofMinutes(1))),
            new WebhooksApi(webhooks, new DeliveryStore(pools, webhooks), Targets.LOOPBACK, clock));
    return new ControlPlaneParts(
        operations,
        new ConsoleApi(orgs),
        new Repetitions(new RememberedAnswers(pools), keyChanges, meters),
        orgChanges);
  }

  Router router(Vertx vertx, Gate gate, Completion completion) {
    return ControlPlane.router(
        vertx,
        gate,
        operations,
        List.of(console),
        repetitions,
        completion,
        BODIES,
        OperationBounds.create(
            OverloadConfig.defaults(), new EdgeMeters(new SimpleMeterRegistry())));
  }
}
