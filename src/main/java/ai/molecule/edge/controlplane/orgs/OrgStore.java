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
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What can be read of orgs, always through a {@link Reach}. On the control pool; safe on any
 * thread. Everything fails with {@code store_unavailable} when Postgres cannot serve in time.
 */
public final class OrgStore {
  // Index: the primary key; a handful of rows.
  static final String STEPS =
      """
      SELECT s.step, s.status, s.started_at, s.finished_at, s.error FROM org_steps s
       WHERE s.org_id = $1 AND s.generation = $2 ORDER BY s.position
      """;

  private final PostgresPools pools;

  /** The orgs behind {@code pools}. */
  public OrgStore(PostgresPools pools) {
    this.pools = pools;
  }

  /** The org that {@code ref} names, if it is within reach and not gone. */
  public Future<Optional<Org>> find(Reach reach, OrgRef ref) {
    return first(OrgReads.one(reach, ref));
  }

  /** The same; fails with {@code not_found} when there is none. */
  public Future<Org> get(Reach reach, OrgRef ref) {
    return find(reach, ref).map(OrgStore::present);
  }

  /** The same, but that an org which is gone is found by its id for 30 days more. */
  public Future<Org> getReadable(Reach reach, OrgRef ref) {
    return first(OrgReads.readable(reach, ref)).map(OrgStore::present);
  }

  private Future<Optional<Org>> first(Selection reads) {
    return pools.query(pools.control(), reads.sql(), reads.parameters()).map(OrgRows::first);
  }

  private static Org present(Optional<Org> found) {
    return found.orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND));
  }

  /** One page of the orgs within reach, newest first; stable while orgs are added. */
  public Future<Page<Org>> list(Reach reach, OrgFilter filter, PageRequest page) {
    Selection reads = OrgReads.page(reach, filter, page);
    return pools
        .query(pools.control(), reads.sql(), reads.parameters())
        .map(
            rows ->
                Page.cut(OrgRows.all(rows), page, last -> new Cursor(last.createdAt(), last.id())));
  }

  /** How far the org is: the steps of its generation, in their order. */
  public Future<List<StepStatus>> steps(Org org) {
    return pools
        .query(pools.control(), STEPS, Tuple.of(org.id(), org.generation()))
        .map(
            rows -> {
              List<StepStatus> steps = new ArrayList<>(rows.size());
              for (Row row : rows) {
                steps.add(
                    new StepStatus(
                        row.getString("step"),
                        row.getString("status"),
                        OrgRows.instant(row, "started_at"),
                        OrgRows.instant(row, "finished_at"),
                        row.getString("error")));
              }
              return steps;
            });
  }
}
