package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.RouteSpec;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Set;

/** The routes of workspaces, for those who manage them and for themselves, declared once. */
final class WorkspaceRoutes {
  private static final int COST = 1;

  /** The cost of revoking a token: the holder of a leaked and exhausted one must be able to. */
  private static final int FREE = 0;

  private static final String WORKSPACES = WorkspacesApi.PATH;
  private static final String WORKSPACE = WORKSPACES + "/{id}";
  private static final String TOKENS = WORKSPACE + "/tokens";
  private static final String OWN_TOKENS = OwnWorkspaceApi.PATH + "/tokens";
  private static final Set<String> NONE = Set.of();
  private static final Set<String> PAGES = Set.of("limit", "cursor");

  private WorkspaceRoutes() {}

  static List<ControlRoute> managed(WorkspacesApi api) {
    RouteSpec list = managed(WORKSPACES, Scope.WORKSPACES_READ);
    RouteSpec make = managed(WORKSPACES, Scope.WORKSPACES_MANAGE);
    RouteSpec read = managed(WORKSPACE, Scope.WORKSPACES_READ);
    RouteSpec manage = managed(WORKSPACE, Scope.WORKSPACES_MANAGE);
    RouteSpec tokens = managed(TOKENS, Scope.WORKSPACES_READ);
    RouteSpec issue = managed(TOKENS, Scope.WORKSPACES_MANAGE);
    RouteSpec revoke = managed(TOKENS + "/{token}", Scope.WORKSPACES_MANAGE);
    return List.of(
        new ControlRoute(HttpMethod.POST, make, NONE, BodyRule.JSON, api::create).creating(),
        new ControlRoute(HttpMethod.GET, list, PAGES, BodyRule.DISCARDED, api::list),
        new ControlRoute(HttpMethod.GET, read, NONE, BodyRule.DISCARDED, api::get),
        new ControlRoute(HttpMethod.PATCH, manage, NONE, BodyRule.MERGE_PATCH, api::edit),
        new ControlRoute(HttpMethod.DELETE, manage, NONE, BodyRule.DISCARDED, api::delete),
        new ControlRoute(HttpMethod.POST, issue, NONE, BodyRule.OPTIONAL_JSON, api::issueToken)
            .creating(),
        new ControlRoute(HttpMethod.GET, tokens, PAGES, BodyRule.DISCARDED, api::listTokens),
        new ControlRoute(HttpMethod.DELETE, revoke, NONE, BodyRule.DISCARDED, api::revokeToken));
  }

  private static RouteSpec managed(String template, Scope scope) {
    return new RouteSpec(template, RouteSpec.Audience.ADMIN_AND_KEYS, ScopeSet.of(scope), COST);
  }

  static List<ControlRoute> own(OwnWorkspaceApi api) {
    RouteSpec beat = own(OwnWorkspaceApi.HEARTBEAT, COST);
    RouteSpec state = own(OwnWorkspaceApi.PATH + "/state", COST);
    RouteSpec tokens = own(OWN_TOKENS, COST);
    RouteSpec revoke = own(OWN_TOKENS + "/{token}", FREE);
    return List.of(
        new ControlRoute(HttpMethod.POST, beat, NONE, BodyRule.JSON, api::beat),
        new ControlRoute(HttpMethod.GET, state, NONE, BodyRule.DISCARDED, api::state),
        new ControlRoute(HttpMethod.GET, tokens, PAGES, BodyRule.DISCARDED, api::listTokens),
        new ControlRoute(HttpMethod.POST, tokens, NONE, BodyRule.OPTIONAL_JSON, api::issueToken)
            .creating(),
        new ControlRoute(HttpMethod.DELETE, revoke, NONE, BodyRule.DISCARDED, api::revokeToken));
  }

  private static RouteSpec own(String template, int cost) {
    return new RouteSpec(template, RouteSpec.Audience.WORKSPACE, ScopeSet.NONE, cost);
  }
}
