package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyJson;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.LastUse;
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
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The request handler of one event loop. It answers {@code GET /cp/partner-key} itself, with no
 * router and no store access for a warm key, and passes everything else on.
 */
public final class DataPlane implements Handler<HttpServerRequest> {
  /** The route a key inspects itself by. */
  public static final RouteSpec OWN_KEY =
      new RouteSpec("/cp/partner-key", RouteSpec.Audience.KEYS_ONLY, ScopeSet.NONE, 1);

  private final Gate gate;
  private final LastUse lastUse;
  private final Completion completion;
  private final Handler<HttpServerRequest> controlPlane;

  /** The handler of the calling event loop. */
  public DataPlane(
      Gate gate,
      LastUse lastUse,
      Completion completion,
      Handler<HttpServerRequest> controlPlane) {
    this.gate = gate;
    this.lastUse = lastUse;
    this.completion = completion;
    this.controlPlane = controlPlane;
  }

  @Override
  public void handle(HttpServerRequest request) {
    boolean read = request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
    if (read && OWN_KEY.template().equals(request.path())) {
      ownKey(new Received(Exchange.begin(request, completion)));
    } else {
      controlPlane.handle(request);
    }
  }

  private void ownKey(Received received) {
    Exchange exchange = received.exchange();
    gate.pass(received.routedTo(OWN_KEY))
        .map(this::describe)
        .onComplete(exchange::answer, exchange::fail);
  }

  private Answer describe(Admitted admitted) {
    return switch (admitted.principal()) {
      case Principal.PartnerKey(KeyRecord key) ->
          Answer.json(200, KeyJson.of(key, Instant.now(), lastUsedAt(key)));
      case Principal.Admin() -> throw Problem.of(ProblemCode.INSUFFICIENT_SCOPE);
    };
  }

  private @Nullable Instant lastUsedAt(KeyRecord key) {
    Instant here = Instant.ofEpochMilli(lastUse.cell(key.id()).lastMillis());
    Instant stored = key.lastUsedAt();
    return stored == null || stored.isBefore(here) ? here : stored;
  }
}
