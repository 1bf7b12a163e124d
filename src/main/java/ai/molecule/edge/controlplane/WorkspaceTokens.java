package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.idempotency.Creation;
import ai.molecule.edge.controlplane.idempotency.Once;
import ai.molecule.edge.controlplane.orgs.NewToken;
import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.controlplane.orgs.WorkspaceChanges;
import ai.molecule.edge.credential.Committed;
import ai.molecule.edge.credential.CredentialKind;
import ai.molecule.edge.credential.Ids;
import ai.molecule.edge.credential.KeyChanges;
import ai.molecule.edge.credential.KeyFilter;
import ai.molecule.edge.credential.KeyStore;
import ai.molecule.edge.credential.MintedCredential;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.UUID;

/**
 * The operations on the tokens of one workspace, whoever calls: its org's keys or itself. One an
 * event loop.
 */
public final class WorkspaceTokens {
  static final String TOKEN_CREATED = "workspace_token.created";
  static final String TOKEN_REVOKED = "workspace_token.revoked";

  private static final KeyFilter LIVING = new KeyFilter(null, null, "active");

  private final KeyStore store;
  private final KeyChanges keys;
  private final WorkspaceChanges workspaces;
  private final Limit limit;
  private final InstantSource clock;

  /**
   * The operations over that store.
   *
   * @param limit of each token made from now on
   */
  public WorkspaceTokens(
      KeyStore store,
      KeyChanges keys,
      WorkspaceChanges workspaces,
      Limit limit,
      InstantSource clock) {
    this.store = store;
    this.keys = keys;
    this.workspaces = workspaces;
    this.limit = limit;
    this.clock = clock;
  }

  /** A token to be made for that caller. */
  NewToken mint(Admitted caller) {
    return new NewToken(
        Ids.next(),
        MintedCredential.mint(CredentialKind.WORKSPACE_TOKEN),
        limit,
        caller.principal().actor().id(),
        clock.instant().truncatedTo(ChronoUnit.MILLIS));
  }

  /**
   * Issues one more token: 201, with its secret.
   *
   * @param tokensPath under which the caller finds the workspace's tokens
   */
  Future<Answer> issue(
      Admitted caller,
      ControlRoute.Call call,
      Reach reach,
      OrgRef org,
      UUID workspaceId,
      String tokensPath) {
    BodyMembers.of(call.body(), Set.of()).throwIfWrong();
    NewToken token = mint(caller);
    Once<Committed> once =
        call.once(
            made ->
                Creation.of(tokensPath + "/" + token.id(), WorkspaceJson.of(made.key()))
                    .showing("token", token.minted().reveal())
                    .after(made.outboxId()));
    return workspaces
        .issue(reach, org, workspaceId, token, caller.audit(TOKEN_CREATED), once)
        .map(made -> once.answer());
  }

  /** Lists the living tokens, newest first: 200. */
  Future<Answer> list(ControlRoute.Call call, Reach.OfWorkspace reach) {
    PageRequest page = PageParameters.only(call.query());
    return store
        .list(reach, LIVING, page)
        .map(found -> PageParameters.answer(found, WorkspaceJson::of));
  }

  /** Revokes a token, in force everywhere: 204, again and again. */
  Future<Answer> revoke(Admitted caller, Reach.OfWorkspace reach, UUID tokenId) {
    return keys.update(
            reach,
            tokenId,
            (current, now) ->
                current.revokedAt() == null
                    ? KeyDraft.of(current).revoked(now).toRecord()
                    : current,
            caller.audit(TOKEN_REVOKED))
        .map(revoked -> Answer.noContent());
  }
}
