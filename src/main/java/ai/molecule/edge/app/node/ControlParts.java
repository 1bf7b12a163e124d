package ai.molecule.edge.app.node;

import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.config.RequestBounds;
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
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.PublicPage;
import ai.molecule.edge.reference.ReferencePages;
import ai.molecule.edge.telemetry.EdgeMeter;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/** The control plane of a node: what its event loops share of it, and how each puts its own up. */
final class ControlParts {
  private final NodeParts node;
  private final RememberedAnswers answers;
  private final OrgExports exports;
  private final OperationBounds bounds;
  private final List<PublicPage> reference;
  private final InstantSource clock = InstantSource.system();

  private ControlParts(NodeParts node, List<PublicPage> reference) {
    EdgeConfig config = node.config();
    this.node = node;
    this.answers = new RememberedAnswers(node.pools());
    this.exports =
        new OrgExports(node.pools(), config.orgs().exportsMax(), config.orgs().exportTimeout());
    this.bounds = OperationBounds.create(config.overload(), node.meters());
    this.reference = reference;
  }

  /** Puts together what is shared, over the parts of {@code node}. */
  static ControlParts create(Vertx vertx, NodeParts node) {
    ControlParts control = new ControlParts(node, ReferencePages.of(vertx));
    node.meters().gauge(EdgeMeter.EXPORTS_RUNNING, control.exports::running);
    return control;
  }

  /** Begins to clear away what is remembered of repeated calls, on the calling event loop. */
  void startSweeping(Vertx vertx) {
    new IdempotencySweeper(answers).start(vertx);
  }

  /** What answers the calling event loop's requests to the control plane. */
  Handler<HttpServerRequest> router(Vertx vertx, LoopParts loop, Completion completion) {
    RequestBounds requests = node.config().http().requests();
    OrgStore orgs = new OrgStore(node.pools());
    return ControlPlane.router(
        vertx,
        loop.gate(),
        operations(loop, orgs),
        Stream.concat(Stream.of(new ConsoleApi(orgs)), reference.stream()).toList(),
        new Repetitions(answers, loop.changes(), node.meters()),
        completion,
        new BodyLimits(requests.bodyBytesMax(), requests.bodyTimeout()),
        bounds);
  }

  private Operations operations(LoopParts loop, OrgStore orgs) {
    EdgeConfig config = node.config();
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
    return new Operations(
        keys(loop),
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
  }

  private KeysApi keys(LoopParts loop) {
    return new KeysApi(
        node.store(),
        loop.changes(),
        loop.orgs(),
        node.config().tiers(),
        node.config().defaultLimit(),
        clock,
        node.meters());
  }
}
