package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.Page;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;

/**
 * Reads of workspaces, reached through their org. On the control pool; safe on any thread.
 * Everything fails with {@code not_found} when there is no such org or workspace within reach, and
 * with {@code store_unavailable} when Postgres cannot serve in time.
 */
public final class WorkspaceStore {
  private final PostgresPools pools;
  private final OrgStore orgs;

  /** The workspaces behind {@code pools}. */
  public WorkspaceStore(PostgresPools pools) {
    this.pools = pools;
    this.orgs = new OrgStore(pools);
  }

  /** One workspace of the org that {@code ref} names. */
  public Future<Workspace> get(Reach reach, OrgRef ref, UUID id) {
    return orgs.get(reach, ref).compose(org -> get(org.id(), id));
  }

  /** One workspace of that org. */
  public Future<Workspace> get(UUID orgId, UUID id) {
    return pools
        .query(pools.control(), WorkspaceRows.ONE, Tuple.of(orgId, id))
        .map(
            rows -> WorkspaceRows.first(rows).orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND)));
  }

  /** One page of an org's workspaces, newest first; stable while workspaces are added. */
  public Future<Page<Workspace>> list(Reach reach, OrgRef ref, PageRequest page) {
    return orgs.get(reach, ref)
        .map(org -> page(org.id(), page))
        .compose(reads -> pools.query(pools.control(), reads.sql(), reads.parameters()))
        .map(
            rows ->
                Page.cut(
                    WorkspaceRows.all(rows),
                    page,
                    last -> new Cursor(last.createdAt(), last.id())));
  }

  /** Index: workspaces_living. */
  static Selection page(UUID orgId, PageRequest page) {
    return Selection.of(WorkspaceRows.SELECT)
        .and("w.org_id = ", orgId)
        .newestFirst("w.created_at", "w.id", page);
  }
}
