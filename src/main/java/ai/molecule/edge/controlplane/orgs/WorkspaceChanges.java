package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Committed;
import ai.molecule.edge.credential.KeyChanges;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.KeyStore;
import ai.molecule.edge.credential.OrgKeys;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.TransactionFrame;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import java.util.UUID;

/**
 * The one path of every change to a workspace: under its org's lock the workspace, its tokens,
 * audit and outbox in one transaction; then its tokens to Redis and every node, as keys are; then
 * the answer. One an event loop.
 */
public final class WorkspaceChanges {
  static final String WORKSPACE_DELETED = "workspace.deleted";

  private static final String INSERT =
      """
      INSERT INTO workspaces (id, org_id, name, runtime, agent_card, created_by)
      VALUES ($1, $2, $3, $4, $5, $6)
      """;

  // Index: the primary key.
  private static final String UPDATE =
      """
      UPDATE workspaces SET name = $3, agent_card = $4, desired_state = $5
       WHERE org_id = $1 AND id = $2
      """;

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

  // Index: the primary key.
  private static final String LOCK =
      """
      SELECT name, agent_card, desired_state, deleted_at FROM workspaces
       WHERE org_id = $1 AND id = $2 FOR UPDATE
      """;

  // Index: the primary keys.
  private static final String DELETE =
      """
      WITH gone AS (
        UPDATE workspaces SET deleted_at = greatest(clock_timestamp(), created_at)
         WHERE org_id = $1 AND id = $2 RETURNING id)
      DELETE FROM workspace_heartbeats h USING gone WHERE h.workspace_id = gone.id
      """;

  // Index: partner_keys_of_workspace.
  static final String TOKENS =
      "SELECT count(*) FROM partner_keys WHERE workspace_id = $1 AND revoked_at IS NULL";

  private final PostgresPools pools;
  private final KeyStore keyStore;
  private final KeyChanges keyChanges;
  private final WorkspaceQuota quota;

  /** Changes workspaces in Postgres and publishes their tokens through {@code keyChanges}. */
  public WorkspaceChanges(
      PostgresPools pools, KeyStore keyStore, KeyChanges keyChanges, WorkspaceQuota quota) {
    this.pools = pools;
    this.keyStore = keyStore;
    this.keyChanges = keyChanges;
    this.quota = quota;
  }

  /**
   * Creates a workspace with its first token, both or neither, with {@code frame} around the
   * transaction's work.
   *
   * @return the workspace, whose token works on every node by now; fails with {@code not_found},
   *     {@code workspace_limit} or {@code wrong_state}
   */
  public Future<Workspace> create(
      Reach reach,
      OrgRef ref,
      NewWorkspace workspace,
      AuditContext context,
      NewToken token,
      AuditContext tokenContext,
      TransactionFrame<Created> frame) {
    return pools
        .transaction(
            pools.control(),
            connection ->
                frame.around(
                    connection,
                    () ->
                        OrgWrites.locked(connection, reach, ref)
                            .compose(org -> demandRoom(connection, org))
                            .compose(org -> insert(connection, org, workspace, context))
                            .compose(
                                org -> withToken(connection, org, workspace, token, tokenContext))))
        .compose(created -> keyChanges.publishCreated(created.token()).map(created.workspace()));
  }

  /** A workspace made with its first token, within the transaction. */
  public record Created(Workspace workspace, Committed token) {}

  private Future<Org> demandRoom(SqlConnection connection, Org org) {
    demandLiving(org);
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

  private static void demandLiving(Org org) {
    if (org.status().isGoing()) {
      throw Problem.of(ProblemCode.WRONG_STATE, "An org that is going takes no workspaces.");
    }
  }

  private static Future<Org> insert(
      SqlConnection connection, Org org, NewWorkspace workspace, AuditContext context) {
    Tuple row =
        Tuple.tuple()
            .addUUID(workspace.id())
            .addUUID(org.id())
            .addString(workspace.name())
            .addString(Workspace.EXTERNAL)
            .addJsonObject(workspace.agentCard())
            .addString(context.actor().id());
    JsonObject changes =
        OrgAudit.change("name", null, workspace.name())
            .mergeIn(OrgAudit.change("runtime", null, Workspace.EXTERNAL))
            .mergeIn(OrgAudit.change("agent_card", null, workspace.agentCard()));
    return connection
        .preparedQuery(INSERT)
        .execute(row)
        .compose(done -> OrgAudit.ofWorkspace(connection, context, org, workspace.id(), changes))
        .map(org);
  }

  private Future<Created> withToken(
      SqlConnection connection,
      Org org,
      NewWorkspace workspace,
      NewToken token,
      AuditContext context) {
    return keyStore
        .createWithin(connection, token.of(org, workspace.id()), context)
        .compose(
            committed ->
                one(connection, org.id(), workspace.id())
                    .map(found -> new Created(found, committed)));
  }

  private static Future<Workspace> one(SqlConnection connection, UUID orgId, UUID id) {
    return connection
        .preparedQuery(WorkspaceRows.ONE)
        .execute(Tuple.of(orgId, id))
        .map(rows -> WorkspaceRows.first(rows).orElseThrow());
  }

  /**
   * Changes what can change of a workspace.
   *
   * @return the workspace as it is now; fails with {@code not_found} or {@code wrong_state}
   */
  public Future<Workspace> update(
      Reach reach, OrgRef ref, UUID id, WorkspaceEdit edit, AuditContext context) {
    return pools.transaction(
        pools.control(),
        connection ->
            OrgWrites.locked(connection, reach, ref)
                .compose(
                    org -> {
                      demandLiving(org);
                      return locked(connection, org, id)
                          .compose(row -> write(connection, org, id, row, edit, context))
                          .compose(written -> one(connection, org.id(), id));
                    }));
  }

  private static Future<Void> write(
      SqlConnection connection,
      Org org,
      UUID id,
      Row row,
      WorkspaceEdit edit,
      AuditContext context) {
    WorkspaceEdit.Fields before =
        new WorkspaceEdit.Fields(
            row.getString("name"), row.getJsonObject("agent_card"), row.getString("desired_state"));
    WorkspaceEdit.Fields after = edit.apply(before);
    if (after.equals(before)) {
      return Future.succeededFuture();
    }
    Tuple changed =
        Tuple.tuple()
            .addUUID(org.id())
            .addUUID(id)
            .addString(after.name())
            .addJsonObject(after.agentCard())
            .addString(after.state());
    return connection
        .preparedQuery(UPDATE)
        .execute(changed)
        .compose(
            done ->
                OrgAudit.ofWorkspace(
                    connection, context, org, id, OrgAudit.difference(json(before), json(after))));
  }

  private static JsonObject json(WorkspaceEdit.Fields fields) {
    return new JsonObject()
        .put("name", fields.name())
        .put("agent_card", fields.agentCard())
        .put("state", fields.state());
  }

  /**
   * Deletes a workspace; its tokens are dead everywhere when this completes.
   *
   * @return fails with {@code not_found} when there is none within reach, and for one that is gone
   *     already once its tokens have been published again: after that answer, too, they are dead
   */
  public Future<Void> delete(Reach reach, OrgRef ref, UUID id, AuditContext context) {
    return pools
        .transaction(
            pools.control(),
            connection ->
                OrgWrites.locked(connection, reach, ref)
                    .compose(
                        org ->
                            row(connection, org, id)
                                .compose(row -> delete(connection, org, id, row, context))))
        .compose(
            deleted ->
                keyChanges
                    .publishAll(deleted.tokens())
                    .map(
                        published -> {
                          if (deleted.before()) {
                            throw Problem.of(ProblemCode.NOT_FOUND);
                          }
                          return null;
                        }));
  }

  /** A deletion within its transaction, or what is left of an earlier one. */
  private record Deleted(Committed tokens, boolean before) {}

  private static Future<Deleted> delete(
      SqlConnection connection, Org org, UUID id, Row row, AuditContext context) {
    if (row.getOffsetDateTime("deleted_at") != null) {
      return OrgKeys.tokensUnchanged(connection, id).map(tokens -> new Deleted(tokens, true));
    }
    JsonObject changes = OrgAudit.change("name", row.getString("name"), null);
    return connection
        .preparedQuery(DELETE)
        .execute(Tuple.of(org.id(), id))
        .compose(gone -> OrgAudit.ofWorkspace(connection, context, org, id, changes))
        .compose(audited -> OrgKeys.tokensRevoked(connection, id))
        .map(tokens -> new Deleted(tokens, false));
  }

  /**
   * Issues one more token of a workspace, with {@code frame} around the transaction's work.
   *
   * @return the token as stored, which works on every node by now; fails with {@code not_found},
   *     {@code token_limit} or {@code wrong_state}
   */
  public Future<KeyRecord> issue(
      Reach reach,
      OrgRef ref,
      UUID id,
      NewToken token,
      AuditContext context,
      TransactionFrame<Committed> frame) {
    return pools
        .transaction(
            pools.control(),
            connection ->
                frame.around(
                    connection,
                    () ->
                        OrgWrites.locked(connection, reach, ref)
                            .compose(org -> issue(connection, org, id, token, context))))
        .compose(keyChanges::publishCreated);
  }

  private Future<Committed> issue(
      SqlConnection connection, Org org, UUID id, NewToken token, AuditContext context) {
    demandLiving(org);
    return locked(connection, org, id)
        .compose(row -> demandTokenRoom(connection, id))
        .compose(room -> keyStore.createWithin(connection, token.of(org, id), context));
  }

  private Future<Void> demandTokenRoom(SqlConnection connection, UUID id) {
    return count(connection, TOKENS, id)
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

  /** A living workspace, locked. */
  private static Future<Row> locked(SqlConnection connection, Org org, UUID id) {
    return row(connection, org, id)
        .map(
            row -> {
              if (row.getOffsetDateTime("deleted_at") != null) {
                throw Problem.of(ProblemCode.NOT_FOUND);
              }
              return row;
            });
  }

  private static Future<Row> row(SqlConnection connection, Org org, UUID id) {
    return connection
        .preparedQuery(LOCK)
        .execute(Tuple.of(org.id(), id))
        .map(rows -> first(rows).orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND)));
  }

  private static Optional<Row> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
  }

  private static Future<Long> count(SqlConnection connection, String sql, UUID id) {
    return connection
        .preparedQuery(sql)
        .execute(Tuple.of(id))
        .map(rows -> rows.iterator().next().getLong(0));
  }
}
