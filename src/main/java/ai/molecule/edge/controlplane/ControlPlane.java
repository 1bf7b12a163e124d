package ai.molecule.edge.controlplane;

import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.exchange.PublicPage;
import ai.molecule.edge.exchange.Received;
import ai.molecule.edge.exchange.Routed;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The control plane of one event loop: its routes, and the way each request takes through them —
 * gate, query, body, operation, answer. A body is not touched before its sender has passed the
 * gate.
 */
public final class ControlPlane {
  /** Methods served on a path by the data plane, for {@code Allow} alone. */
  private static final Map<String, Set<String>> ELSEWHERE =
      Map.of(KeyRoutes.OWN_KEY, Set.of(HttpMethod.GET.name(), HttpMethod.HEAD.name()));

  private final Vertx vertx;
  private final Gate gate;
  private final Completion completion;
  private final BodyLimits bodies;
  private final OperationBounds bounds;
  private final Repetitions repetitions;

  private ControlPlane(
      Vertx vertx,
      Gate gate,
      Repetitions repetitions,
      Completion completion,
      BodyLimits bodies,
      OperationBounds bounds) {
    this.vertx = vertx;
    this.gate = gate;
    this.repetitions = repetitions;
    this.completion = completion;
    this.bodies = bodies;
    this.bounds = bounds;
  }

  /**
   * A router for the calling event loop. It takes requests that the front filter let pass, not yet
   * begun as an exchange, and answers every one of them.
   */
  public static Router router(
      Vertx vertx,
      Gate gate,
      Operations operations,
      List<PublicPage> pages,
      Repetitions repetitions,
      Completion completion,
      BodyLimits bodies,
      OperationBounds bounds) {
    ControlPlane plane = new ControlPlane(vertx, gate, repetitions, completion, bodies, bounds);
    Router router = Router.router(vertx);
    Map<String, List<ControlRoute>> byTemplate = new LinkedHashMap<>();
    for (ControlRoute route : operations.routes()) {
      byTemplate.computeIfAbsent(route.spec().template(), template -> new ArrayList<>()).add(route);
    }
    byTemplate.forEach(
        (template, routes) ->
            router
                .routeWithRegex(ControlRoute.pattern(template))
                .handler(context -> plane.handle(context, routes)));
    for (PublicPage page : pages) {
      router
          .routeWithRegex(ControlRoute.pattern(page.route().template()))
          .handler(context -> plane.show(context, page));
    }
    router
        .route()
        .handler(context -> plane.refuse(context.request(), Problem.of(ProblemCode.NOT_FOUND)));
    return router;
  }

  private void handle(RoutingContext context, List<ControlRoute> routes) {
    HttpServerRequest request = context.request();
    for (ControlRoute route : routes) {
      if (route.serves(request.method())) {
        serve(request, route, Map.copyOf(context.pathParams()));
        return;
      }
    }
    refuse(
        request,
        Problem.of(ProblemCode.METHOD_NOT_ALLOWED).with("Allow", String.join(", ", allow(routes))));
  }

  private static Set<String> allow(List<ControlRoute> routes) {
    Set<String> allow = new TreeSet<>();
    for (ControlRoute route : routes) {
      allow.add(route.method().name());
      if (route.method().equals(HttpMethod.GET)) {
        allow.add(HttpMethod.HEAD.name());
      }
      allow.addAll(ELSEWHERE.getOrDefault(route.spec().template(), Set.of()));
    }
    return allow;
  }

  private void show(RoutingContext context, PublicPage page) {
    HttpServerRequest request = context.request();
    HttpMethod method = request.method();
    if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
      refuse(request, Problem.of(ProblemCode.METHOD_NOT_ALLOWED).with("Allow", "GET, HEAD"));
      return;
    }
    Exchange exchange = Exchange.begin(request, completion);
    Routed routed = new Received(exchange).routedTo(page.route());
    request.pause();
    BodyReader.of(vertx, request, bodies).discard();
    Map<String, String> variables = Map.copyOf(context.pathParams());
    Future.<Answer>future(shown -> page.show(routed, variables).onComplete(shown))
        .onComplete(exchange::answer, exchange::fail);
  }

  private void refuse(HttpServerRequest request, Problem problem) {
    Exchange exchange = Exchange.begin(request, completion);
    request.pause();
    BodyReader.of(vertx, request, bodies).discard();
    exchange.fail(problem);
  }

  private void serve(HttpServerRequest request, ControlRoute route, Map<String, String> variables) {
    request.pause();
    Exchange exchange = Exchange.begin(request, completion).waiting();
    BodyReader reader = BodyReader.of(vertx, request, bodies);
    Routed routed = new Received(exchange).routedTo(route.spec());
    // Future.future: what the gate or an operation throws is a failure like any other.
    Future.<Admitted>future(
            passed -> {
              bounds.throwIfFull(route);
              gate.pass(routed).onComplete(passed);
            })
        .compose(admitted -> operate(admitted, route, variables, reader))
        .onComplete(
            answered -> {
              reader.discard();
              if (answered.succeeded()) {
                exchange.answer(answered.result());
              } else {
                exchange.fail(answered.cause());
              }
            });
  }

  /** Reads what the request says and runs the operation; what it throws fails the future. */
  private Future<Answer> operate(
      Admitted admitted, ControlRoute route, Map<String, String> variables, BodyReader reader) {
    HttpServerRequest request = admitted.exchange().request();
    QueryParameters query = QueryParameters.parse(request.query(), route.parameters());
    query.throwIfWrong();
    if (!route.body().reads()) {
      ControlRoute.Call call = new ControlRoute.Call(variables, query, JsonBody.empty());
      return bounds.run(route, () -> route.operation().run(admitted, call));
    }
    return reader
        .read()
        .compose(
            body -> {
              JsonBody parsed = route.body().parse(request.headers(), body);
              ControlRoute.Call call = new ControlRoute.Call(variables, query, parsed);
              return bounds.run(route, () -> repetitions.run(admitted, route, call));
            });
  }
}
