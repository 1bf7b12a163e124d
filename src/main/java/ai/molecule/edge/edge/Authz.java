package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.edge.RouteTable.Match;
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
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers, for another gateway, whether a request may pass: 200 with the headers that an upstream
 * is to see, else 401, 403 or 429. It passes the same gate and pays the same as a request that the
 * edge forwards itself; what is unclear is refused with {@code authz_unclear}. One per event loop.
 */
public final class Authz {
  /** Where it is. */
  static final String PATH = "/authz";

  private static final int COST = 1;
  private static final int FREE = 0;
  private static final String SCOPE = "scope=";

  private final Vertx vertx;
  private final Gate gate;
  private final Completion completion;
  private final Supplier<RouteTable> routes;
  private final RouteOrgs orgs;
  private final Identity.Cache identities = new Identity.Cache();

  /**
   * The one of the calling event loop.
   *
   * @param routes the routes of now
   * @param orgs checks the org that a request names
   */
  public Authz(
      Vertx vertx, Gate gate, Completion completion, Supplier<RouteTable> routes, RouteOrgs orgs) {
    this.vertx = vertx;
    this.gate = gate;
    this.completion = completion;
    this.routes = routes;
    this.orgs = orgs;
  }

  /** Takes a call of {@code /authz} or below it, and answers whether it is one. */
  boolean takes(HttpServerRequest call) {
    String uri = call.uri();
    if (!uri.startsWith(PATH)
        || (uri.length() > PATH.length() && "/?".indexOf(uri.charAt(PATH.length())) < 0)) {
      return false;
    }
    Exchange exchange = Exchange.begin(call, completion);
    boolean hasBody = RequestBody.length(call) != RequestBody.NONE;
    if (hasBody) {
      call.pause();
    }
    exchange.waiting();
    Future.<Answer>future(answer -> decide(exchange).onComplete(answer))
        .onComplete(exchange::answer, refusal -> exchange.fail(plain(refusal)));
    if (hasBody) {
      RequestBody.discard(vertx, call);
    }
    return true;
  }

  private Future<Answer> decide(Exchange exchange) {
    HttpServerRequest call = exchange.request();
    AskedRequest asked;
    @Nullable ScopeSet scope;
    try {
      asked = AskedRequest.of(call);
      scope = scope(call, asked);
    } catch (AskedRequest.Unclear unclear) {
      return unclear(exchange, String.valueOf(unclear.getMessage()));
    }
    if (scope != null) {
      return pass(exchange, scope, COST).map(key -> allow(key, Optional.empty()));
    }
    HttpMethod method = asked.method();
    if (method == null || asked.path().isEmpty()) {
      return unclear(exchange, "Neither a scope is named nor a request.");
    }
    return switch (routes.get().match(method, asked.path())) {
      case Match.None() -> unclear(exchange, "No route.");
      case Match.OtherMethods(var allowed) -> unclear(exchange, "No route takes the method.");
      case Match.Found(Route route) -> pass(exchange, asked, route);
    };
  }

  /** Who may not ask at all is told that first; an answer that says nothing costs nothing. */
  private Future<Answer> unclear(Exchange exchange, String why) {
    return pass(exchange, ScopeSet.NONE, FREE)
        .compose(key -> Future.failedFuture(Problem.of(ProblemCode.AUTHZ_UNCLEAR, why)));
  }

  private Future<Answer> pass(Exchange exchange, AskedRequest asked, Route route) {
    return pass(exchange, route.spec().needed(), route.spec().cost())
        .compose(
            key ->
                orgs.check(route.org(), asked.path(), asked.hostName(), key)
                    .map(org -> allow(key, org)));
  }

  private Future<KeyRecord> pass(Exchange exchange, ScopeSet needed, int cost) {
    RouteSpec spec = new RouteSpec(PATH, RouteSpec.Audience.KEYS_ONLY, needed, cost);
    return gate.pass(new Received(exchange).routedTo(spec)).compose(Authz::key);
  }

  private static Future<KeyRecord> key(Admitted admitted) {
    return admitted.principal() instanceof Principal.PartnerKey(KeyRecord key)
        ? Future.succeededFuture(key)
        : Future.failedFuture(Problem.of(ProblemCode.INSUFFICIENT_SCOPE));
  }

  private Answer allow(KeyRecord key, Optional<UUID> org) {
    Map<String, String> headers = new LinkedHashMap<>();
    MultiMap identity = MultiMap.caseInsensitiveMultiMap();
    identities.of(key).addTo(identity);
    identity.forEach(headers::put);
    org.ifPresent(id -> headers.put(UpstreamHead.TARGET_ORG_ID.toString(), id.toString()));
    return new Answer(200, null, headers).noStore();
  }

  /**
   * The scope that the call names; null when it names none. A query that is also the one asked
   * about was copied by the gateway: it is the client's, and a client does not choose the scope.
   */
  private static @Nullable ScopeSet scope(HttpServerRequest call, AskedRequest asked)
      throws AskedRequest.Unclear {
    String query = call.query();
    if (query == null || asked.hasQuery(query)) {
      return null;
    }
    Optional<Scope> scope =
        query.startsWith(SCOPE)
            ? Scope.ofWireName(query.substring(SCOPE.length()).replace("%3A", ":"))
            : Optional.empty();
    return ScopeSet.of(
        scope.orElseThrow(() -> new AskedRequest.Unclear("The query is not one known scope.")));
  }

  /** Gateways know 401, 403 and 429; an org that is not there is one more reason to refuse. */
  private static Throwable plain(Throwable refusal) {
    return refusal instanceof Problem problem && problem.code() == ProblemCode.NOT_FOUND
        ? Problem.of(ProblemCode.AUTHZ_UNCLEAR, "The key reaches no such org.")
        : refusal;
  }
}
