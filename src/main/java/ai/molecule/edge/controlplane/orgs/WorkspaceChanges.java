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
import io.vertx.sqlclient.SqlConnection;
import java.util.UUID;

/**
 * The one path of every change to a workspace: under its org's lock the workspace, its tokens,
 * audit and outbox in one transaction; then its tokens to Redis and every node, as keys are; then
 * the answer. One an event loop.
 */
public final class WorkspaceChanges {
  private final PostgresPools pools;
  private final KeyStore keyStore;
  private final KeyChanges keyChanges;
  private final WorkspaceRoom room;

  /** Changes workspaces in Postgres and publishes their tokens through {@code keyChanges}. */
  public WorkspaceChanges(
      PostgresPools pools, KeyStore keyStore, KeyChanges keyChanges, WorkspaceQuota quota) {
    this.pools = pools;
    this.keyStore = keyStore;
    this.keyChanges = keyChanges;
    this.room = new WorkspaceRoom(quota);
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
            frame,
            connection ->
                living(connection, reach, ref)
                    .compose(org -> room.forWorkspace(connection, org))
                    .compose(org -> WorkspaceWrites.insert(connection, org, workspace, context))
                    .compose(
                        org -> withToken(connection, org, workspace.id(), token, tokenContext)))
        .compose(created -> keyChanges.publishCreated(created.token()).map(created.workspace()));
  }

  /** A workspace made with its first token, within the transaction. */
  public record Created(Workspace workspace, Committed token) {}

  private Future<Created> withToken(
      SqlConnection connection, Org org, UUID id, NewToken token, AuditContext context) {
    return keyStore
        .createWithin(connection, token.of(org, id), context)
        .compose(
            committed ->
                WorkspaceWrites.read(connection, org, id)
                    .map(workspace -> new Created(workspace, committed)));
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
            living(connection, reach, ref)
                .compose(
                    org ->
                        WorkspaceWrites.locked(connection, org, id)
                            .compose(
                                found ->
                                    WorkspaceWrites.update(connection, org, found, edit, context))
                            .compose(updated -> WorkspaceWrites.read(connection, org, id))));
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
                            WorkspaceWrites.lockedOrGone(connection, org, id)
                                .compose(found -> delete(connection, org, found, context))))
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
      SqlConnection connection, Org org, WorkspaceWrites.Locked found, AuditContext context) {
    if (found.gone()) {
      return OrgKeys.tokensUnchanged(connection, found.id())
          .map(tokens -> new Deleted(tokens, true));
    }
    return WorkspaceWrites.delete(connection, org, found, context)
        .compose(gone -> OrgKeys.tokensRevoked(connection, found.id()))
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
            frame,
            connection ->
                living(connection, reach, ref)
                    .compose(org -> issue(connection, org, id, token, context)))
        .compose(keyChanges::publishCreated);
  }

  private Future<Committed> issue(
      SqlConnection connection, Org org, UUID id, NewToken token, AuditContext context) {
    return WorkspaceWrites.locked(connection, org, id)
        .compose(found -> room.forToken(connection, id))
        .compose(roomy -> keyStore.createWithin(connection, token.of(org, id), context));
  }

  /** The org, locked; fails with {@code wrong_state} when it is going. */
  private static Future<Org> living(SqlConnection connection, Reach reach, OrgRef ref) {
    return OrgWrites.locked(connection, reach, ref)
        .map(
            org -> {
              OrgWrites.demand(
                  !org.status().isGoing(), "An org that is going takes no workspaces.");
              return org;
            });
  }
}
