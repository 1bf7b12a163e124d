package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.RouteSpec;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Set;

/** The routes of orgs and their members, declared once. Stateless. */
final class OrgRoutes {
  private static final int COST = 1;
  private static final String ORG = OrgsApi.PATH + "/{slug}";
  private static final String MEMBER = MembersApi.PATH + "/{id}";
  private static final Set<String> NONE = Set.of();
  private static final Set<String> FILTERS = Set.of("status", "external_id", "limit", "cursor");
  private static final Set<String> PAGES = Set.of("limit", "cursor");

  private OrgRoutes() {}

  static List<ControlRoute> of(OrgsApi orgs, MembersApi members, UsageApi usage) {
    return List.of(
        route(HttpMethod.POST, OrgsApi.PATH, Scope.ORGS_CREATE, NONE, BodyRule.JSON, orgs::create)
            .creating(),
        read(OrgsApi.PATH, Scope.ORGS_READ, FILTERS, orgs::list),
        read(ORG, Scope.ORGS_READ, NONE, orgs::get),
        route(HttpMethod.PATCH, ORG, Scope.ORGS_MANAGE, NONE, BodyRule.MERGE_PATCH, orgs::edit),
        act(HttpMethod.POST, ORG + "/suspend", Scope.ORGS_MANAGE, orgs::suspend),
        act(HttpMethod.POST, ORG + "/resume", Scope.ORGS_MANAGE, orgs::resume),
        act(HttpMethod.DELETE, ORG, Scope.ORGS_DELETE, orgs::delete),
        read(ORG + "/provision-status", Scope.PROVISION_STATUS, NONE, orgs::provisionStatus),
        read(UsageApi.PATH, Scope.BILLING_READ, Set.of("from", "to"), usage::get),
        route(
                HttpMethod.POST,
                MembersApi.PATH,
                Scope.MEMBERS_MANAGE,
                NONE,
                BodyRule.JSON,
                members::add)
            .creating(),
        read(MembersApi.PATH, Scope.MEMBERS_MANAGE, PAGES, members::list),
        read(MEMBER, Scope.MEMBERS_MANAGE, NONE, members::get),
        act(HttpMethod.DELETE, MEMBER, Scope.MEMBERS_MANAGE, members::remove));
  }

  private static ControlRoute read(
      String template, Scope scope, Set<String> parameters, ControlRoute.Operation operation) {
    return route(HttpMethod.GET, template, scope, parameters, BodyRule.DISCARDED, operation);
  }

  private static ControlRoute act(
      HttpMethod method, String template, Scope scope, ControlRoute.Operation operation) {
    return route(method, template, scope, NONE, BodyRule.DISCARDED, operation);
  }

  private static ControlRoute route(
      HttpMethod method,
      String template,
      Scope scope,
      Set<String> parameters,
      BodyRule body,
      ControlRoute.Operation operation) {
    RouteSpec spec =
        new RouteSpec(template, RouteSpec.Audience.ADMIN_AND_KEYS, ScopeSet.of(scope), COST);
    return new ControlRoute(method, spec, parameters, body, operation);
  }
}
