package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.Page;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.UUID;

/**
 * Reads of workspaces, reached through their org. On the control pool; safe on any thread.
 * Everything fails with {@code not_found} when there is no such org or workspace within reach, and
 * with {@code store_unavailable} when Postgres cannot serve in time.
 */
public final class WorkspaceStore {
  // Index: workspaces_living.
  static final String PAGE =
      WorkspaceRows.SELECT
          + """
             AND w.org_id = $1 AND ($2::timestamptz IS NULL OR (w.created_at, w.id) < ($2, $3))
           ORDER BY w.created_at DESC, w.id DESC LIMIT $4
          """;

  private final PostgresPools pools;
  private final OrgStore orgs;

  /** The workspaces behind {@code pools}. */
  public WorkspaceStore(PostgresPools pools) {
    this.pools = pools;
    this.orgs = new OrgStore(pools);
  }

  /** One workspace of the org that {@code ref} names. */
  public Future<Workspace> get(Reach reach, OrgRef ref, UUID id) {
    return found(reach, ref).compose(org -> get(org.id(), id));
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
    return found(reach, ref)
        .compose(
            org -> {
              Cursor after = page.after();
              Tuple parameters =
                  Tuple.of(
                      org.id(),
                      after == null ? null : OrgRows.time(after.createdAt()),
                      after == null ? null : after.id(),
                      page.limit() + 1);
              return pools.query(pools.control(), PAGE, parameters);
            })
        .map(
            rows -> {
              List<Workspace> workspaces = WorkspaceRows.all(rows);
              if (workspaces.size() <= page.limit()) {
                return new Page<>(workspaces, null);
              }
              List<Workspace> shown = workspaces.subList(0, page.limit());
              Workspace last = shown.getLast();
              return new Page<>(shown, new Cursor(last.createdAt(), last.id()));
            });
  }

  private Future<Org> found(Reach reach, OrgRef ref) {
    return orgs.find(reach, ref)
        .map(org -> org.orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND)));
  }
}
