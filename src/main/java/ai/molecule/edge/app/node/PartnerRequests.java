package ai.molecule.edge.app.node;

import ai.molecule.edge.app.front.RequestLoop;
import ai.molecule.edge.app.front.RequestSide;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.config.RequestBounds;
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
import ai.molecule.edge.telemetry.EdgeMeter;
import ai.molecule.edge.telemetry.EdgeMeters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Answers partners' requests: the data plane, and behind it the control plane. */
final class PartnerRequests implements RequestSide {
  private final NodeParts node;
  private final ControlParts control;
  private final ForwardBounds forwarded;
  private final Routes routes;
  private final @Nullable RouteWatch watch;
  private final List<LoopParts> loops = new CopyOnWriteArrayList<>();
  private final AtomicBoolean tasksStarted = new AtomicBoolean();

  private PartnerRequests(Vertx vertx, NodeParts node, ControlParts control) {
    this.node = node;
    this.control = control;
    this.forwarded = ForwardBounds.create(node.config().overload(), node.meters());
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
    PartnerRequests requests = new PartnerRequests(vertx, node, ControlParts.create(vertx, node));
    meters.gauge(
        EdgeMeter.SESSION_VALID, () -> node.coherence().isValid(System.nanoTime()) ? 1 : 0);
    meters.gauge(EdgeMeter.LAST_USE_LAG, () -> node.flusher().lagMillis() / 1000.0);
    meters.gauge(
        EdgeMeter.STREAMS,
        () -> requests.loops.stream().mapToInt(loop -> loop.streams().open()).sum());
    meters.gauge(EdgeMeter.ROUTES, () -> requests.routes.get().routes().size());
    meters.gauge(EdgeMeter.USAGE_CLOSE_LAG, node.closing()::overdueSeconds);
    meters.gauge(EdgeMeter.CACHED_KEYS, node.caches()::keys);
    meters.gauge(EdgeMeter.REDIS_BREAKER_STATE, requests::worstBreakerState);
    return requests;
  }

  @Override
  public RequestLoop open(Vertx vertx) {
    LoopParts loop = LoopParts.create(vertx, node);
    loops.add(loop);
    if (tasksStarted.compareAndSet(false, true)) {
      startTasks(vertx, loop);
    }
    Completion completion =
        new CompletionRecorder(
            node.meters(), node.accessLog(), node.config().http().front().callers());
    RouteOrgs routeOrgs = new RouteOrgs(node.pools());
    Forwarder forwarder = forwarder(vertx, loop, completion, routeOrgs);
    RequestBounds bounds = node.config().http().requests();
    OwnKeyBodies ownKeys = new OwnKeyBodies();
    return new RequestLoop(
        new DataPlane(
            loop.gate(),
            completion,
            control.router(vertx, loop, completion),
            new FrontFilter(bounds.headersMax(), bounds.requestLineBytesMax()),
            forwarder,
            new Authz(vertx, loop.gate(), completion, routes, routeOrgs),
            ownKeys),
        new MalformedRequests(completion),
        new DirectAnswers(loop.gate(), completion, ownKeys),
        forwarder::leave,
        () -> forwarder.close().otherwiseEmpty().compose(closed -> close(vertx, loop)));
  }

  /** What a node does beside its requests; the first of its event loops carries it. */
  private void startTasks(Vertx vertx, LoopParts loop) {
    loop.redo().start(vertx);
    node.orgs().start(loop.orgs());
    node.webhooks().start(vertx);
    control.startSweeping(vertx);
    node.meters().gauge(EdgeMeter.OUTBOX_PENDING, loop.redo()::pending);
  }

  private Forwarder forwarder(
      Vertx vertx, LoopParts loop, Completion completion, RouteOrgs routeOrgs) {
    return Forwarder.create(
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
