package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.Heartbeats;
import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.controlplane.orgs.WorkspaceStore;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.UUID;

/**
 * What a workspace can do with its own token: say that it lives, ask what it is to do, and look
 * after its tokens. Any other workspace does not exist for it. One an event loop.
 */
public final class OwnWorkspaceApi {
  /** Where heartbeats go. */
  static final String HEARTBEAT = "/registry/heartbeat";

  /** A workspace's own path. */
  static final String PATH = "/workspaces/{id}";

  private final WorkspaceStore store;
  private final Heartbeats heartbeats;
  private final WorkspaceTokens tokens;

  /** The operations over that store. */
  public OwnWorkspaceApi(WorkspaceStore store, Heartbeats heartbeats, WorkspaceTokens tokens) {
    this.store = store;
    this.heartbeats = heartbeats;
    this.tokens = tokens;
  }

  /** Takes a heartbeat: 200, with the state the workspace is to be in. */
  Future<Answer> beat(Admitted caller, ControlRoute.Call call) {
    Heartbeats.Beat beat = WorkspaceRequests.beat(call.body());
    return heartbeats
        .beat(own(caller).workspaceId(), beat)
        .map(state -> Answer.json(200, new JsonObject().put("state", state)));
  }

  /** Shows what the workspace is to do, and how it was last heard of: 200. */
  Future<Answer> state(Admitted caller, ControlRoute.Call call) {
    Reach.OfWorkspace own = named(caller, call);
    return store
        .get(own.orgId(), own.workspaceId())
        .map(workspace -> Answer.json(200, WorkspaceJson.state(workspace)));
  }

  /** Issues one more token: 201, with its secret. */
  Future<Answer> issueToken(Admitted caller, ControlRoute.Call call) {
    Reach.OfWorkspace own = named(caller, call);
    return tokens.issue(
        caller,
        call,
        new Reach.OfOrg(own.partnerId(), own.orgId()),
        new OrgRef.ById(own.orgId()),
        own.workspaceId(),
        "/workspaces/" + own.workspaceId() + "/tokens");
  }

  /** Lists the workspace's living tokens, newest first: 200. */
  Future<Answer> listTokens(Admitted caller, ControlRoute.Call call) {
    return tokens.list(call, named(caller, call));
  }

  /** Revokes one of its tokens, perhaps the very one: 204. */
  Future<Answer> revokeToken(Admitted caller, ControlRoute.Call call) {
    return tokens.revoke(caller, named(caller, call), call.uuid("token"));
  }

  /** The calling workspace, which the path has to name. */
  private static Reach.OfWorkspace named(Admitted caller, ControlRoute.Call call) {
    Reach.OfWorkspace own = own(caller);
    UUID named = call.id();
    if (!named.equals(own.workspaceId())) {
      throw Problem.of(ProblemCode.NOT_FOUND);
    }
    return own;
  }

  /** The calling workspace; the gate lets nobody else to these routes. */
  private static Reach.OfWorkspace own(Admitted caller) {
    return switch (caller.principal().reach()) {
      case Reach.OfWorkspace own -> own;
      case Reach.Everything ignored -> throw Problem.of(ProblemCode.NOT_FOUND);
      case Reach.OfPartner ignored -> throw Problem.of(ProblemCode.NOT_FOUND);
      case Reach.OfOrg ignored -> throw Problem.of(ProblemCode.NOT_FOUND);
    };
  }
}
