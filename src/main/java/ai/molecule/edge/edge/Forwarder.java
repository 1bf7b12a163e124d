package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.edge.RouteTable.Match;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.exchange.Received;
import ai.molecule.edge.exchange.Routed;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.proxy.UpstreamClient;
import ai.molecule.edge.proxy.UpstreamsConfig;
import ai.molecule.edge.telemetry.EdgeMeters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Sends requests on to other services. One an event loop, with connections of its own; {@code
 * forward} is the only way out, and takes nothing but what the gate let through.
 */
public final class Forwarder {
  private static final Problem SATURATED = Problem.of(ProblemCode.UPSTREAM_SATURATED).retryAfter(1);

  private final Vertx vertx;
  private final Gate gate;
  private final Completion completion;
  private final Supplier<RouteTable> routes;
  private final Streams streams;
  private final RouteOrgs orgs;
  private final UpstreamClient client;
  private final LoopRoutes loopRoutes;
  private final Deadlines deadlines;
  private final ForwardBounds bounds;
  private final Set<Tunnel> tunnels = new HashSet<>();
  private final UpstreamHead head = new UpstreamHead();

  private Forwarder(
      Vertx vertx,
      Gate gate,
      Streams streams,
      Completion completion,
      Supplier<RouteTable> routes,
      RouteOrgs orgs,
      UpstreamClient client,
      LoopRoutes loopRoutes,
      ForwardBounds bounds) {
    this.vertx = vertx;
    this.gate = gate;
    this.completion = completion;
    this.routes = routes;
    this.streams = streams;
    this.orgs = orgs;
    this.client = client;
    this.loopRoutes = loopRoutes;
    this.bounds = bounds;
    this.deadlines = new Deadlines(vertx);
  }

  /**
   * The forwarder of the calling event loop.
   *
   * @param streams what lasts on this loop
   * @param routes the routes of now
   * @param orgs checks the org that a request names
   * @param loops event loops of the node
   * @param bounds how much the node may have under way
   */
  public static Forwarder create(
      Vertx vertx,
      Gate gate,
      Streams streams,
      Completion completion,
      Supplier<RouteTable> routes,
      RouteOrgs orgs,
      UpstreamsConfig config,
      int loops,
      EdgeMeters meters,
      ForwardBounds bounds) {
    return new Forwarder(
        vertx,
        gate,
        streams,
        completion,
        routes,
        orgs,
        UpstreamClient.create(vertx, config, loops),
        new LoopRoutes(config, meters, bounds),
        bounds);
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
    long bodyLength = RequestBody.length(request);
    boolean hasBody = bodyLength != RequestBody.NONE;
    if (hasBody) {
      request.pause();
    }
    Exchange exchange = Exchange.begin(request, completion);
    Routed routed = new Received(exchange).routedTo(route.spec());
    if (bounds.refuses(route)) {
      // Before anybody is asked about the key, and without a token of it.
      fail(exchange, SATURATED, hasBody);
      return;
    }
    Future<Admitted> passed = gate.pass(routed);
    if (passed.succeeded()) {
      forward(passed.result(), route, bodyLength);
    } else if (passed.failed()) {
      fail(exchange, passed.cause(), hasBody);
    } else {
      exchange.waiting();
      passed.onComplete(
          admitted -> forward(admitted, route, bodyLength),
          refusal -> fail(exchange, refusal, hasBody));
    }
  }

  private void fail(Exchange exchange, Throwable refusal, boolean hasBody) {
    exchange.fail(refusal);
    if (hasBody) {
      RequestBody.discard(vertx, exchange.request());
    }
  }

  /** The only way out. */
  private void forward(Admitted admitted, Route route, long bodyLength) {
    Exchange exchange = admitted.exchange();
    if (!(admitted.principal() instanceof Principal.PartnerKey(KeyRecord key))) {
      // The gate lets nobody else to a route of an upstream.
      fail(exchange, Problem.of(ProblemCode.INSUFFICIENT_SCOPE), true);
    } else if (route.org() instanceof OrgSource.Nowhere) {
      send(exchange, key, route, Optional.empty(), bodyLength);
    } else {
      HttpServerRequest request = exchange.request();
      HostAndPort authority = request.authority();
      String path = request.path();
      String host = authority == null ? null : authority.host();
      exchange.waiting();
      orgs.check(route.org(), path == null ? "" : path, host, key)
          .onComplete(
              org -> send(exchange, key, route, org, bodyLength),
              refusal -> fail(exchange, refusal, true));
    }
  }

  private void send(
      Exchange exchange, KeyRecord key, Route route, Optional<UUID> org, long bodyLength) {
    ForwardedRequest asked = ForwardedRequest.of(exchange, route, key, org, bodyLength);
    new Forwarding(this, loopRoutes.of(routes.get(), route), asked).begin();
  }

  Gate gate() {
    return gate;
  }

  Vertx vertx() {
    return vertx;
  }

  UpstreamClient client() {
    return client;
  }

  ForwardBounds bounds() {
    return bounds;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  Streams streams() {
    return streams;
  }

  UpstreamHead head() {
    return head;
  }

  Set<Tunnel> tunnels() {
    return tunnels;
  }

  /** The node leaves: what would go on for ever is asked to end. */
  public void leave() {
    List.copyOf(tunnels).forEach(Tunnel::leave);
  }

  /** Closes the connections to upstreams. */
  public Future<Void> close() {
    return client.close();
  }
}
