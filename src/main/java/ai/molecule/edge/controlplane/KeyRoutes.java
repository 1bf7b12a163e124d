package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.RouteSpec;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Set;

/** The routes of partner keys, declared once. Stateless. */
final class KeyRoutes {
  /** The calling key's own path; the data plane serves its {@code GET}. */
  static final String OWN_KEY = "/cp/partner-key";

  private static final int COST = 1;

  /** The cost of revoking a key: the holder of a leaked and exhausted key must be able to. */
  private static final int FREE = 0;

  private static final String KEYS = KeysApi.PATH;
  private static final String KEY = KEYS + "/{id}";
  private static final Set<String> NONE = Set.of();
  private static final Set<String> FILTERS =
      Set.of("partner_id", "org_id", "status", "limit", "cursor");

  private KeyRoutes() {}

  static List<ControlRoute> of(KeysApi keys) {
    RouteSpec all = managed(KEYS);
    RouteSpec one = managed(KEY);
    RouteSpec rotate = managed(KEY + "/rotate");
    // No scope here: a key may revoke itself with any. The operation demands admin:keys else.
    RouteSpec revoke = new RouteSpec(KEY, RouteSpec.Audience.ADMIN_AND_KEYS, ScopeSet.NONE, FREE);
    RouteSpec revokeOwn = new RouteSpec(OWN_KEY, RouteSpec.Audience.KEYS_ONLY, ScopeSet.NONE, FREE);
    return List.of(
        new ControlRoute(HttpMethod.POST, all, NONE, BodyRule.JSON, keys::create).creating(),
        new ControlRoute(HttpMethod.GET, all, FILTERS, BodyRule.DISCARDED, keys::list),
        new ControlRoute(HttpMethod.GET, one, NONE, BodyRule.DISCARDED, keys::get),
        new ControlRoute(HttpMethod.PATCH, one, NONE, BodyRule.MERGE_PATCH, keys::edit),
        new ControlRoute(HttpMethod.DELETE, revoke, NONE, BodyRule.DISCARDED, keys::revoke),
        new ControlRoute(HttpMethod.POST, rotate, NONE, BodyRule.OPTIONAL_JSON, keys::rotate)
            .creating(),
        new ControlRoute(HttpMethod.DELETE, revokeOwn, NONE, BodyRule.DISCARDED, keys::revokeOwn));
  }

  private static RouteSpec managed(String template) {
    ScopeSet needed = ScopeSet.of(Scope.ADMIN_KEYS);
    return new RouteSpec(template, RouteSpec.Audience.ADMIN_AND_KEYS, needed, COST);
  }
}
