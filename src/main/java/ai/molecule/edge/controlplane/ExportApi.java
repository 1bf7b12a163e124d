package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.OrgExports;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.RouteSpec;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.Set;

/** The export of an org over HTTP: the HTTP contract, section 6. Safe on any thread. */
public final class ExportApi {
  static final String PATH = OrgsApi.PATH + "/{slug}/export";

  private static final int COST = 1;
  private static final String MEDIA_TYPE = "application/x-ndjson";

  private final OrgExports exports;

  /** The exports of that node. */
  public ExportApi(OrgExports exports) {
    this.exports = exports;
  }

  /** Its one route. */
  ControlRoute route() {
    RouteSpec spec =
        new RouteSpec(
            PATH, RouteSpec.Audience.ADMIN_AND_KEYS, ScopeSet.of(Scope.ORGS_EXPORT), COST);
    return new ControlRoute(HttpMethod.GET, spec, Set.of(), BodyRule.DISCARDED, this::export);
  }

  /** Sends every row that the edge holds of an org: 200. */
  Future<Answer> export(Admitted caller, ControlRoute.Call call) {
    call.query().throwIfWrong();
    return exports
        .begin(caller.principal().reach(), call.org())
        .map(body -> Answer.streamed(200, MEDIA_TYPE, body).noStore());
  }
}
