package ai.molecule.edge.app.node;

import ai.molecule.edge.app.front.RequestLoop;
import ai.molecule.edge.app.front.RequestSide;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.config.HttpConfig;
import ai.molecule.edge.controlplane.AuditApi;
import ai.molecule.edge.controlplane.BodyLimits;
import ai.molecule.edge.controlplane.ConsoleApi;
import ai.molecule.edge.controlplane.ControlPlane;
import ai.molecule.edge.controlplane.ExportApi;
import ai.molecule.edge.controlplane.KeysApi;
import ai.molecule.edge.controlplane.MembersApi;
import ai.molecule.edge.controlplane.OperationBounds;
import ai.molecule.edge.controlplane.Operations;
import ai.molecule.edge.controlplane.OrgsApi;
import ai.molecule.edge.controlplane.OwnWorkspaceApi;
import ai.molecule.edge.controlplane.Repetitions;
import ai.molecule.edge.controlplane.UsageApi;
import ai.molecule.edge.controlplane.WorkspaceTokens;
import ai.molecule.edge.controlplane.WorkspacesApi;
import ai.molecule.edge.controlplane.audit.AuditStore;
import ai.molecule.edge.controlplane.idempotency.IdempotencySweeper;
import ai.molecule.edge.controlplane.idempotency.RememberedAnswers;
import ai.molecule.edge.controlplane.orgs.Heartbeats;
import ai.molecule.edge.controlplane.orgs.MemberStore;
import ai.molecule.edge.controlplane.orgs.OrgExports;
import ai.molecule.edge.controlplane.orgs.OrgStore;
import ai.molecule.edge.controlplane.orgs.WorkspaceStore;
import ai.molecule.edge.controlplane.usage.UsageStore;
import ai.molecule.edge.edge.Authz;
import ai.molecule.edge.edge.DataPlane;
import ai.molecule.edge.edge.DirectAnswers;
import ai.molecule.edge.edge.ForwardBounds;
import ai.molecule.edge.edge.Forwarder;
import ai.molecule.edge.edge.FrontFilter;
import ai.molecule.edge.edge.MalformedRequests;
import ai.molecule.edge.edge.OwnKeyBodies;
import ai.molecule.edge.edge.RouteOrgs;
import ai.molecule.edge.edge.RouteWatch;
import ai.molecule.edge.edge.Routes;
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.PublicPage;
import ai.molecule.edge.reference.ReferencePages;
import ai.molecule.edge.telemetry.EdgeMeter;
import ai.molecule.edge.telemetry.EdgeMeters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Answers partners' requests: the data plane, and behind it the control plane. */
final class PartnerRequests implements RequestSide {
  private final NodeParts node;
  private final RememberedAnswers answers;
  private final OrgExports exports;
  private final OperationBounds operationBounds;
  private final ForwardBounds forwarded;
  private final List<PublicPage> reference;
  private final Routes routes;
  private final @Nullable RouteWatch watch;
  private final List<LoopParts> loops = new CopyOnWriteArrayList<>();
  private final AtomicBoolean redoStarted = new AtomicBoolean();

  private PartnerRequests(Vertx vertx, NodeParts node, List<PublicPage> reference) {
    this.node = node;
    this.answers = new RememberedAnswers(node.pools());
    this.exports =
        new OrgExports(
            node.pools(), node.config().orgs().exportsMax(), node.config().orgs().exportTimeout());
    this.operationBounds = OperationBounds.create(node.config().overload(), node.meters());
    this.forwarded = ForwardBounds.create(node.config().overload(), node.meters());
    this.reference = reference;
    this.routes = new Routes(node.config().routes().table());
    this.watch =
        node.config()
            .routes()
            .file()
            .map(file -> RouteWatch.start(vertx, file, routes, node.meters()))
            .orElse(null);
  }

  /** Puts the request side of a node together. */
  static PartnerRequests create(Vertx vertx, EdgeConfig config, EdgeMeters meters) {
    NodeParts node = NodeParts.create(vertx, config, meters);
    PartnerRequests requests = new PartnerRequests(vertx, node, ReferencePages.of(vertx));
    meters.gauge(
        EdgeMeter.SESSION_VALID, () -> node.coherence().isValid(System.nanoTime()) ? 1 : 0);
    meters.gauge(EdgeMeter.LAST_USE_LAG, () -> node.flusher().lagMillis() / 1000.0);
    meters.gauge(
        EdgeMeter.STREAMS,
        () -> requests.loops.stream().mapToInt(loop -> loop.streams().open()).sum());
    meters.gauge(EdgeMeter.ROUTES, () -> requests.routes.get().routes().size());
    meters.gauge(EdgeMeter.USAGE_CLOSE_LAG, node.closing()::overdueSeconds);
    meters.gauge(EdgeMeter.EXPORTS_RUNNING, requests.exports::running);
    meters.gauge(EdgeMeter.CACHED_KEYS, node.caches()::keys);
    meters.gauge(EdgeMeter.REDIS_BREAKER_STATE, requests::worstBreakerState);
    return requests;
  }

  @Override
  public RequestLoop open(Vertx vertx) {
    LoopParts loop = LoopParts.create(vertx, node);
    loops.add(loop);
    if (redoStarted.compareAndSet(false, true)) {
      loop.redo().start(vertx);
      node.orgs().start(loop.orgs());
      node.webhooks().start(vertx);
      new IdempotencySweeper(answers).start(vertx);
      node.meters().gauge(EdgeMeter.OUTBOX_PENDING, loop.redo()::pending);
    }
    Completion completion =
        new CompletionRecorder(
            node.meters(), node.accessLog(), node.config().http().front().callers());
    RouteOrgs routeOrgs = new RouteOrgs(node.pools());
    Authz authz = new Authz(vertx, loop.gate(), completion, routes, routeOrgs);
    Forwarder forwarder =
        Forwarder.create(
            vertx,
            loop.gate(),
            loop.streams(),
            completion,
            routes,
            routeOrgs,
            node.config().upstreams(),
            node.config().http().eventLoopsEffective(),
            node.meters(),
            forwarded);
    OwnKeyBodies ownKeys = new OwnKeyBodies();
    return new RequestLoop(
        dataPlane(vertx, loop, completion, forwarder, authz, ownKeys),
        new MalformedRequests(completion),
        new DirectAnswers(loop.gate(), completion, ownKeys),
        forwarder::leave,
        () -> forwarder.close().otherwiseEmpty().compose(closed -> close(vertx, loop)));
  }

  private DataPlane dataPlane(
      Vertx vertx,
      LoopParts loop,
      Completion completion,
      Forwarder forwarder,
      Authz authz,
      OwnKeyBodies ownKeys) {
    EdgeConfig config = node.config();
    HttpConfig http = config.http();
    KeysApi keys =
        new KeysApi(
            node.store(),
            loop.changes(),
            loop.orgs(),
            config.tiers(),
            config.defaultLimit(),
            InstantSource.system(),
            node.meters());
    OrgStore orgs = new OrgStore(node.pools());
    InstantSource clock = InstantSource.system();
    WorkspaceStore workspaces = new WorkspaceStore(node.pools());
    WorkspaceTokens tokens =
        new WorkspaceTokens(
            node.store(),
            loop.changes(),
            loop.workspaces(),
            config.workspaces().tokenLimit(),
            clock);
    Heartbeats heartbeats =
        new Heartbeats(node.pools(), config.workspaces().heartbeatsWaitingMax());
    Operations operations =
        new Operations(
            keys,
            new OrgsApi(orgs, loop.orgs(), config.orgs().address(), clock),
            new MembersApi(new MemberStore(node.pools()), clock),
            new UsageApi(
                orgs,
                new UsageStore(node.pools()),
                node.calls()::flushNow,
                config.usage().rangeDaysMax(),
                clock),
            new WorkspacesApi(workspaces, loop.workspaces(), tokens),
            new OwnWorkspaceApi(workspaces, heartbeats, tokens),
            new AuditApi(new AuditStore(node.pools())),
            new ExportApi(exports),
            node.webhooks().api(clock));
    BodyLimits bodies =
        new BodyLimits(http.requests().bodyBytesMax(), http.requests().bodyTimeout());
    return new DataPlane(
        loop.gate(),
        completion,
        ControlPlane.router(
            vertx,
            loop.gate(),
            operations,
            pages(orgs),
            new Repetitions(answers, loop.changes(), node.meters()),
            completion,
            bodies,
            operationBounds),
        new FrontFilter(http.requests().headersMax(), http.requests().requestLineBytesMax()),
        forwarder,
        authz,
        ownKeys);
  }

  private List<PublicPage> pages(OrgStore orgs) {
    return Stream.concat(Stream.of(new ConsoleApi(orgs)), reference.stream()).toList();
  }

  private Future<Void> close(Vertx vertx, LoopParts loop) {
    loops.remove(loop);
    return loop.close(vertx);
  }

  @Override
  public Future<Void> reload() {
    RouteWatch looking = watch;
    return looking == null ? Future.succeededFuture() : looking.look();
  }

  @Override
  public Future<Void> close() {
    if (watch != null) {
      watch.stop();
    }
    return node.close();
  }

  private double worstBreakerState() {
    return loops.stream()
        .mapToInt(
            loop ->
                switch (loop.redis().breakerState()) {
                  case CLOSED -> 0;
                  case HALF_OPEN -> 1;
                  case OPEN -> 2;
                })
        .max()
        .orElse(2);
  }
}
