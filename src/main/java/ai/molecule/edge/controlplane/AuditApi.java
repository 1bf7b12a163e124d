package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.audit.AuditEntry;
import ai.molecule.edge.controlplane.audit.AuditFilter;
import ai.molecule.edge.controlplane.audit.AuditStore;
import ai.molecule.edge.credential.KeyJson;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.RouteSpec;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The audit log over HTTP: the HTTP contract, section 6. The admin reads all of it, a key its
 * partner's, or its org's if it is bound to one. Safe on any thread.
 */
public final class AuditApi {
  static final String PATH = "/cp/admin/audit";

  private static final int COST = 1;
  private static final Set<String> PARAMETERS =
      Set.of("partner_id", "org_id", "action", "limit", "cursor");
  private static final Pattern ACTION = Pattern.compile("[a-z_]{1,32}\\.[a-z_]{1,32}");

  private final AuditStore store;

  /** The log in that store. */
  public AuditApi(AuditStore store) {
    this.store = store;
  }

  /** Its one route. */
  ControlRoute route() {
    RouteSpec spec =
        new RouteSpec(PATH, RouteSpec.Audience.ADMIN_AND_KEYS, ScopeSet.of(Scope.ADMIN_KEYS), COST);
    return new ControlRoute(HttpMethod.GET, spec, PARAMETERS, BodyRule.DISCARDED, this::list);
  }

  /** Lists entries, newest first: 200. */
  Future<Answer> list(Admitted caller, ControlRoute.Call call) {
    QueryParameters query = call.query();
    AuditFilter filter = filter(query);
    PageRequest page = PageParameters.of(query);
    query.throwIfWrong();
    return store
        .list(caller.principal().reach(), filter, page)
        .map(found -> PageParameters.answer(found, AuditApi::json));
  }

  private static AuditFilter filter(QueryParameters query) {
    @Nullable String partnerId = query.partnerId();
    @Nullable UUID orgId = query.orgId();
    @Nullable String action =
        query.value(
            "action",
            text -> ACTION.matcher(text).matches() ? text : null,
            "invalid_format",
            "This must be an action such as key.created.");
    return new AuditFilter(partnerId, orgId, action);
  }

  private static JsonObject json(AuditEntry entry) {
    return new JsonObject()
        .put("id", entry.id().toString())
        .put("at", KeyJson.timestamp(entry.at()))
        .put("actor", typed(entry.actor().type(), entry.actor().id()))
        .put("action", entry.action())
        .put("target", typed(entry.targetType(), entry.targetId()))
        .put("partner_id", entry.partnerId())
        .put("org_id", entry.orgId() == null ? null : entry.orgId().toString())
        .put("request_id", entry.requestId())
        .put("changes", entry.changes());
  }

  private static JsonObject typed(String type, String id) {
    return new JsonObject().put("type", type).put("id", id);
  }
}
