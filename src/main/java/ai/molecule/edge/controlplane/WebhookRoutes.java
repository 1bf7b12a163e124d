package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.RouteSpec;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Set;

/** The routes of webhooks, declared once. Stateless. */
final class WebhookRoutes {
  private static final int COST = 1;
  private static final String ALL = WebhooksApi.PATH;
  private static final String ONE = ALL + "/{id}";
  private static final String DELIVERIES = ONE + "/deliveries";
  private static final Set<String> NONE = Set.of();
  private static final Set<String> PAGES = Set.of("limit", "cursor");
  private static final Set<String> FILTERS = Set.of("status", "limit", "cursor");

  private WebhookRoutes() {}

  static List<ControlRoute> of(WebhooksApi webhooks) {
    return List.of(
        route(HttpMethod.POST, ALL, NONE, BodyRule.JSON, webhooks::create).creating(),
        route(HttpMethod.GET, ALL, PAGES, BodyRule.DISCARDED, webhooks::list),
        route(HttpMethod.GET, ONE, NONE, BodyRule.DISCARDED, webhooks::get),
        route(HttpMethod.DELETE, ONE, NONE, BodyRule.DISCARDED, webhooks::remove),
        route(HttpMethod.GET, DELIVERIES, FILTERS, BodyRule.DISCARDED, webhooks::deliveries),
        route(
            HttpMethod.POST,
            DELIVERIES + "/{delivery}/replay",
            NONE,
            BodyRule.DISCARDED,
            webhooks::replay));
  }

  private static ControlRoute route(
      HttpMethod method,
      String template,
      Set<String> parameters,
      BodyRule body,
      ControlRoute.Operation operation) {
    ScopeSet scope = ScopeSet.of(Scope.WEBHOOKS_MANAGE);
    RouteSpec spec = new RouteSpec(template, RouteSpec.Audience.ADMIN_AND_KEYS, scope, COST);
    return new ControlRoute(method, spec, parameters, body, operation);
  }
}
