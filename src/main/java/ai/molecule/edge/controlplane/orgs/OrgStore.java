package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.Page;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.postgres.PostgresPools;
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
    OrgReads reads = OrgReads.one(reach, ref);
    return pools.query(pools.control(), reads.sql(), reads.parameters()).map(OrgRows::first);
  }

  /**
   * The org that {@code ref} names, if it is within reach and not gone; by its id for 30 days more.
   */
  public Future<Optional<Org>> findReadable(Reach reach, OrgRef ref) {
    OrgReads reads = OrgReads.readable(reach, ref);
    return pools.query(pools.control(), reads.sql(), reads.parameters()).map(OrgRows::first);
  }

  /** One page of the orgs within reach, newest first; stable while orgs are added. */
  public Future<Page<Org>> list(Reach reach, OrgFilter filter, PageRequest page) {
    OrgReads reads = OrgReads.page(reach, filter, page);
    return pools
        .query(pools.control(), reads.sql(), reads.parameters())
        .map(
            rows -> {
              List<Org> orgs = OrgRows.all(rows);
              if (orgs.size() <= page.limit()) {
                return new Page<>(orgs, null);
              }
              List<Org> shown = orgs.subList(0, page.limit());
              Org last = shown.getLast();
              return new Page<>(shown, new Cursor(last.createdAt(), last.id()));
            });
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
