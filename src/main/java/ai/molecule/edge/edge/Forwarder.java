package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.edge.RouteTable.Match;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.exchange.Received;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.proxy.UpstreamClient;
import ai.molecule.edge.proxy.UpstreamsConfig;
import ai.molecule.edge.telemetry.EdgeMeters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Sends requests on to other services. One an event loop, with connections of its own; {@link
 * #forward} is the only way out, and takes nothing but what the gate let through.
 */
public final class Forwarder {
  private final Vertx vertx;
  private final Gate gate;
  private final Completion completion;
  private final Supplier<RouteTable> routes;
  private final UpstreamClient client;
  private final LoopRoutes loopRoutes;
  private final Deadlines deadlines;
  private final UpstreamHead head = new UpstreamHead();

  private Forwarder(
      Vertx vertx,
      Gate gate,
      Completion completion,
      Supplier<RouteTable> routes,
      UpstreamClient client,
      LoopRoutes loopRoutes) {
    this.vertx = vertx;
    this.gate = gate;
    this.completion = completion;
    this.routes = routes;
    this.client = client;
    this.loopRoutes = loopRoutes;
    this.deadlines = new Deadlines(vertx);
  }

  /**
   * The forwarder of the calling event loop.
   *
   * @param routes the routes of now
   * @param loops event loops of the node
   */
  public static Forwarder create(
      Vertx vertx,
      Gate gate,
      Completion completion,
      Supplier<RouteTable> routes,
      UpstreamsConfig config,
      int loops,
      EdgeMeters meters) {
    return new Forwarder(
        vertx,
        gate,
        completion,
        routes,
        UpstreamClient.create(vertx, config, loops),
        new LoopRoutes(config, meters));
  }

  /** Takes a request that a route covers, and answers whether one does. */
  boolean takes(HttpServerRequest request) {
    String path = request.path();
    if (path == null) {
      return false;
    }
    return switch (routes.get().match(request.method(), path)) {
      case Match.None none -> false;
      case Match.OtherMethods(Set<HttpMethod> allowed) -> {
        refuse(request, allowed);
        yield true;
      }
      case Match.Found(Route route) -> {
        pass(request, route);
        yield true;
      }
    };
  }

  private void refuse(HttpServerRequest request, Set<HttpMethod> allowed) {
    Set<String> names = new TreeSet<>();
    allowed.forEach(method -> names.add(method.name()));
    Problem problem =
        Problem.of(ProblemCode.METHOD_NOT_ALLOWED).with("Allow", String.join(", ", names));
    Exchange.begin(request, completion).fail(problem);
    RequestBody.discard(vertx, request);
  }

  /** Nothing of the body is read before its sender has passed the gate. */
  private void pass(HttpServerRequest request, Route route) {
    boolean hasBody = RequestBody.length(request) != RequestBody.NONE;
    if (hasBody) {
      request.pause();
    }
    Exchange exchange = Exchange.begin(request, completion);
    Future<Admitted> passed = gate.pass(new Received(exchange).routedTo(route.spec()));
    if (passed.succeeded()) {
      forward(passed.result(), route);
    } else if (passed.failed()) {
      fail(exchange, passed.cause(), hasBody);
    } else {
      exchange.waiting();
      passed.onComplete(
          admitted -> forward(admitted, route), refusal -> fail(exchange, refusal, hasBody));
    }
  }

  private void fail(Exchange exchange, Throwable refusal, boolean hasBody) {
    exchange.fail(refusal);
    if (hasBody) {
      RequestBody.discard(vertx, exchange.request());
    }
  }

  private void forward(Admitted admitted, Route route) {
    if (!(route.org() instanceof OrgSource.Nowhere)) {
      // Nobody can tell yet whose org it is: closed.
      fail(admitted.exchange(), Problem.of(ProblemCode.NOT_FOUND), true);
      return;
    }
    switch (admitted.principal()) {
      case Principal.PartnerKey(KeyRecord key) ->
          new Forwarding(this, loopRoutes.of(routes.get(), route), admitted.exchange(), key)
              .begin();
      case Principal.Admin() ->
          admitted.exchange().fail(Problem.of(ProblemCode.INSUFFICIENT_SCOPE));
      // The gate lets no workspace token to a route of an upstream.
      case Principal.Workspace ignored ->
          admitted.exchange().fail(Problem.of(ProblemCode.INSUFFICIENT_SCOPE));
    }
  }

  Vertx vertx() {
    return vertx;
  }

  UpstreamClient client() {
    return client;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  UpstreamHead head() {
    return head;
  }

  /** Closes the connections to upstreams. */
  public Future<Void> close() {
    return client.close();
  }
}
