package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.exchange.Received;
import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The request handler of one event loop. It answers {@code GET /cp/partner-key} itself, with no
 * router and no store access for a warm key, forwards what a route covers, and passes everything
 * else on to the control plane.
 */
public final class DataPlane implements Handler<HttpServerRequest> {
  /** The route a key inspects itself by. */
  public static final RouteSpec OWN_KEY =
      new RouteSpec("/cp/partner-key", RouteSpec.Audience.KEYS_ONLY, ScopeSet.NONE, 1);

  /** How long the other streams of a refused connection may take. */
  private static final int FINISH_SECONDS = 10;

  private final Gate gate;
  private final Completion completion;
  private final Handler<HttpServerRequest> controlPlane;
  private final FrontFilter filter;
  private final Forwarder forwarder;
  private final Authz authz;
  private final OwnKeyBodies bodies;

  /**
   * The handler of the calling event loop.
   *
   * @param filter what refuses HTTP/2 requests; those of HTTP/1 have passed it in their decoder
   */
  public DataPlane(
      Gate gate,
      Completion completion,
      Handler<HttpServerRequest> controlPlane,
      FrontFilter filter,
      Forwarder forwarder,
      Authz authz,
      OwnKeyBodies bodies) {
    this.gate = gate;
    this.completion = completion;
    this.controlPlane = controlPlane;
    this.filter = filter;
    this.forwarder = forwarder;
    this.authz = authz;
    this.bodies = bodies;
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      Problem refusal = filter.refusal(request);
      if (refusal != null) {
        refuse(request, refusal);
        return;
      }
    }
    boolean read = request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
    if (read && OWN_KEY.template().equals(request.path())) {
      ownKey(Exchange.begin(request, completion));
    } else if (!forwarder.takes(request) && !authz.takes(request)) {
      controlPlane.handle(request);
    }
  }

  /** The body, if there is one, is not read: the connection ends when its other streams have. */
  private void refuse(HttpServerRequest request, Problem refusal) {
    HttpConnection connection = request.connection();
    request
        .response()
        .bodyEndHandler(answered -> connection.shutdown(FINISH_SECONDS, TimeUnit.SECONDS));
    Exchange.begin(request, completion).fail(refusal);
  }

  /** With a warm key everything happens here and now, and no callback is made. */
  private void ownKey(Exchange exchange) {
    Future<Admitted> passed = gate.pass(new Received(exchange).routedTo(OWN_KEY));
    if (passed.succeeded()) {
      describe(passed.result());
    } else if (passed.failed()) {
      exchange.fail(passed.cause());
    } else {
      exchange.waiting();
      passed.onComplete(this::describe, exchange::fail);
    }
  }

  private void describe(Admitted admitted) {
    Exchange exchange = admitted.exchange();
    String query = exchange.request().query();
    if (query != null && !query.isEmpty()) {
      exchange.fail(Problem.invalid("?", "unknown_parameter", "There are no parameters here."));
      return;
    }
    switch (admitted.principal()) {
      case Principal.PartnerKey(KeyRecord key) -> {
        Buffer body = Buffer.buffer(bodies.of(key, admitted.passed()));
        exchange.answer(new Answer(200, body, Map.of()));
      }
      // The gate lets neither of them to this route.
      case Principal.Admin() -> exchange.fail(Problem.of(ProblemCode.INSUFFICIENT_SCOPE));
      case Principal.Workspace ignored -> exchange.fail(Problem.of(ProblemCode.INSUFFICIENT_SCOPE));
    }
  }
}
