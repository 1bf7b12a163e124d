package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;

/**
 * Whether there is room for one more workspace of an org, and one more token of a workspace. To be
 * asked while the org is locked, since only then counting means something. Immutable.
 */
final class WorkspaceRoom {
  /**
   * The places taken. The default workspace has its own whether provisioning has made it yet or
   * not, or an org being brought up would end with one too many; unless it was deleted. Index:
   * workspaces_living and workspaces_default.
   */
  static final String TAKEN =
      """
      SELECT (SELECT count(*) FROM workspaces
               WHERE org_id = $1 AND deleted_at IS NULL AND NOT is_default)
             + (SELECT CASE WHEN bool_or(deleted_at IS NOT NULL) THEN 0 ELSE 1 END
                  FROM workspaces WHERE org_id = $1 AND is_default)
      """;

  // Index: partner_keys_of_workspace.
  static final String TOKENS =
      "SELECT count(*) FROM partner_keys WHERE workspace_id = $1 AND revoked_at IS NULL";

  private final WorkspaceQuota quota;

  /** Room within that quota. */
  WorkspaceRoom(WorkspaceQuota quota) {
    this.quota = quota;
  }

  /** The locked org; fails with {@code workspace_limit} when its plan has no place left. */
  Future<Org> forWorkspace(SqlConnection connection, Org org) {
    int max = quota.of(org.plan());
    if (max == WorkspaceQuota.UNLIMITED) {
      return Future.succeededFuture(org);
    }
    return count(connection, TAKEN, org.id())
        .map(
            taken -> {
              if (taken >= max) {
                throw Problem.quota(
                    ProblemCode.WORKSPACE_LIMIT,
                    "The plan " + org.plan().wireName() + " allows " + max + " workspaces.",
                    max);
              }
              return org;
            });
  }

  /** Fails with {@code token_limit} when the workspace has as many tokens as it may have. */
  Future<Void> forToken(SqlConnection connection, UUID workspaceId) {
    return count(connection, TOKENS, workspaceId)
        .map(
            living -> {
              if (living >= quota.tokensMax()) {
                throw Problem.quota(
                    ProblemCode.TOKEN_LIMIT,
                    "A workspace has at most " + quota.tokensMax() + " tokens; revoke one first.",
                    quota.tokensMax());
              }
              return null;
            });
  }

  private static Future<Long> count(SqlConnection connection, String sql, UUID id) {
    return connection
        .preparedQuery(sql)
        .execute(Tuple.of(id))
        .map(rows -> rows.iterator().next().getLong(0));
  }
}
