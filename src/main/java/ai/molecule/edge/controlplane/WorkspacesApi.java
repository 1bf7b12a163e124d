package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.idempotency.Creation;
import ai.molecule.edge.controlplane.idempotency.Once;
import ai.molecule.edge.controlplane.orgs.NewToken;
import ai.molecule.edge.controlplane.orgs.NewWorkspace;
import ai.molecule.edge.controlplane.orgs.Workspace;
import ai.molecule.edge.controlplane.orgs.WorkspaceChanges;
import ai.molecule.edge.controlplane.orgs.WorkspaceEdit;
import ai.molecule.edge.controlplane.orgs.WorkspaceStore;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.UUID;

/**
 * The operations on an org's workspaces by those who manage them: the HTTP contract, section 7.
 * What lies outside the caller's reach is the same {@code not_found} as what does not exist. One an
 * event loop.
 */
public final class WorkspacesApi {
  /** The path of the collection; a workspace's own path is below it. */
  static final String PATH = OrgsApi.PATH + "/{slug}/workspaces";

  static final String WORKSPACE_CREATED = "workspace.created";
  static final String WORKSPACE_UPDATED = "workspace.updated";
  static final String WORKSPACE_DELETED = "workspace.deleted";

  private final WorkspaceStore store;
  private final WorkspaceChanges changes;
  private final WorkspaceTokens tokens;

  /** The operations over that store. */
  public WorkspacesApi(WorkspaceStore store, WorkspaceChanges changes, WorkspaceTokens tokens) {
    this.store = store;
    this.changes = changes;
    this.tokens = tokens;
  }

  /** Makes a workspace: 201, with the secret of its first token. */
  Future<Answer> create(Admitted caller, ControlRoute.Call call) {
    NewWorkspace asked = WorkspaceRequests.created(call.body());
    NewToken token = tokens.mint(caller);
    Once<WorkspaceChanges.Created> once = call.once(made -> shownOnce(call, made, token));
    return changes
        .create(
            reach(caller),
            call.org(),
            asked,
            caller.audit(WORKSPACE_CREATED),
            token,
            caller.audit(WorkspaceTokens.TOKEN_CREATED),
            once)
        .map(made -> once.answer());
  }

  private static Creation shownOnce(
      ControlRoute.Call call, WorkspaceChanges.Created made, NewToken token) {
    Workspace workspace = made.workspace();
    String location = OrgsApi.PATH + "/" + call.slug() + "/workspaces/" + workspace.id();
    JsonObject body = WorkspaceJson.of(workspace).put("token_id", token.id().toString());
    return Creation.of(location, body)
        .showing("token", token.minted().reveal())
        .after(made.token().outboxId());
  }

  /** Lists workspaces, newest first: 200. */
  Future<Answer> list(Admitted caller, ControlRoute.Call call) {
    PageRequest page = PageParameters.only(call.query());
    return store
        .list(reach(caller), call.org(), page)
        .map(found -> PageParameters.answer(found, WorkspaceJson::of));
  }

  /** Shows a workspace: 200. */
  Future<Answer> get(Admitted caller, ControlRoute.Call call) {
    return found(caller, call).map(one -> Answer.json(200, WorkspaceJson.of(one)));
  }

  /** Changes a workspace, and what it is to do: 200, also when nothing changed. */
  Future<Answer> edit(Admitted caller, ControlRoute.Call call) {
    UUID id = call.id();
    WorkspaceEdit edit = WorkspaceRequests.edited(call.body());
    return changes
        .update(reach(caller), call.org(), id, edit, caller.audit(WORKSPACE_UPDATED))
        .map(edited -> Answer.json(200, WorkspaceJson.of(edited)));
  }

  /** Deletes a workspace, its tokens dead everywhere: 204, then 404. */
  Future<Answer> delete(Admitted caller, ControlRoute.Call call) {
    return changes
        .delete(reach(caller), call.org(), call.id(), caller.audit(WORKSPACE_DELETED))
        .map(gone -> Answer.noContent());
  }

  /** Issues a token beside those that were lost: 201, with its secret. */
  Future<Answer> issueToken(Admitted caller, ControlRoute.Call call) {
    UUID id = call.id();
    String path = OrgsApi.PATH + "/" + call.slug() + "/workspaces/" + id + "/tokens";
    return tokens.issue(caller, call, reach(caller), call.org(), id, path);
  }

  /** Lists the living tokens of a workspace, newest first: 200. */
  Future<Answer> listTokens(Admitted caller, ControlRoute.Call call) {
    return found(caller, call).compose(one -> tokens.list(call, tokensOf(one)));
  }

  /** Revokes a token of a workspace: 204. */
  Future<Answer> revokeToken(Admitted caller, ControlRoute.Call call) {
    UUID tokenId = call.uuid("token");
    return found(caller, call).compose(one -> tokens.revoke(caller, tokensOf(one), tokenId));
  }

  private Future<Workspace> found(Admitted caller, ControlRoute.Call call) {
    return store.get(reach(caller), call.org(), call.id());
  }

  private static Reach.OfWorkspace tokensOf(Workspace workspace) {
    return new Reach.OfWorkspace(workspace.partnerId(), workspace.orgId(), workspace.id());
  }

  private static Reach reach(Admitted caller) {
    return caller.principal().reach();
  }
}
