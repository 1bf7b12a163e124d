package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What a sweep looks for. On the control pool; safe on any thread. */
public final class OrgSweeps {
  // Index: orgs_expiry.
  static final String EXPIRED =
      """
      SELECT id FROM orgs
       WHERE ephemeral AND status NOT IN ('deleting', 'deleted')
         AND expires_at <= clock_timestamp()
       ORDER BY expires_at LIMIT $1
      """;

  /**
   * Orgs that are neither at rest nor have a job: the job of their first unfinished step is added
   * again, and those of steps of older generations that nobody has taken back. Index:
   * orgs_of_status finds them, the primary keys the rest.
   */
  static final String FORGOTTEN =
      """
      INSERT INTO scheduled_tasks (task_name, task_instance, execution_time, picked, version)
      SELECT CASE WHEN s.generation = 1 THEN 'org-provision' ELSE 'org-teardown' END,
             o.id || ':' || s.generation || ':' || s.step, clock_timestamp(), false, 1
        FROM orgs o
        JOIN org_steps s ON s.org_id = o.id
       WHERE o.status IN ('provisioning', 'deleting')
         AND o.status_at <= clock_timestamp() - $1::float8 * interval '1 millisecond'
         AND (s.generation < o.generation AND s.status = 'running'
              OR s.generation = o.generation AND s.position = (
                   SELECT min(u.position) FROM org_steps u
                    WHERE u.org_id = o.id AND u.generation = o.generation
                      AND u.status <> 'succeeded'))
      ON CONFLICT (task_name, task_instance) DO NOTHING
      """;

  private final PostgresPools pools;

  /** Sweeps over the orgs behind {@code pools}. */
  public OrgSweeps(PostgresPools pools) {
    this.pools = pools;
  }

  /** Ephemeral orgs whose time is up, the longest overdue first. */
  public Future<List<UUID>> expired(int max) {
    return pools
        .query(pools.control(), EXPIRED, Tuple.of(max))
        .map(
            rows -> {
              List<UUID> ids = new ArrayList<>(rows.size());
              rows.forEach(row -> ids.add(row.getUUID(0)));
              return ids;
            });
  }

  /**
   * Adds the jobs that are missing.
   *
   * @param restingFor how long an org must have been in its status
   * @return how many there were
   */
  public Future<Integer> revive(Duration restingFor) {
    return pools
        .query(pools.control(), FORGOTTEN, Tuple.of((double) restingFor.toMillis()))
        .map(rows -> rows.rowCount());
  }
}
