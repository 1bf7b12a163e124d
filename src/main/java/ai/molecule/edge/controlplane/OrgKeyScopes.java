package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.problem.Problem;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rule that a key bound to an org cannot make orgs. Stateless. */
final class OrgKeyScopes {
  private OrgKeyScopes() {}

  /** Refuses {@code orgs:create} to a key of that org, pointing at it; null is partner-wide. */
  static void demand(@Nullable UUID orgId, List<Scope> scopes) {
    int at = scopes.indexOf(Scope.ORGS_CREATE);
    if (orgId != null && at >= 0) {
      throw Problem.invalid(
          "#/scopes/" + at, "not_for_org_keys", "A key bound to an org cannot hold orgs:create.");
    }
  }
}
