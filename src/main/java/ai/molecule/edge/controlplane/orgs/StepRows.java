package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.controlplane.orgs.StepJob.Direction;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;

/**
 * The rows of steps and of their jobs. A job is added in the transaction that makes it necessary,
 * straight into the scheduler's table: there is no moment at which the one exists without the
 * other. Stateless.
 */
public final class StepRows {
  private static final String INSERT =
      """
      INSERT INTO org_steps (org_id, generation, position, step, status)
      SELECT $1, $2, s.position, s.step, 'pending'
        FROM unnest($3::text[]) WITH ORDINALITY AS s (step, position)
      """;

  private static final String JOB =
      """
      INSERT INTO scheduled_tasks (task_name, task_instance, execution_time, picked, version)
      VALUES ($1, $2, clock_timestamp(), false, 1)
      ON CONFLICT (task_name, task_instance) DO NOTHING
      """;

  // Index: the primary key.
  private static final String GIVE_UP =
      """
      UPDATE org_steps SET status = 'lost', finished_at = clock_timestamp()
       WHERE org_id = $1 AND generation < $2 AND status IN ('pending', 'failed')
      """;

  private StepRows() {}

  /** Adds the steps of a generation and the job of its first. */
  static Future<Void> begin(
      SqlClient connection, Direction direction, UUID orgId, long generation) {
    String[] steps = direction.steps().stream().map(OrgStep::wireName).toArray(String[]::new);
    Tuple parameters = Tuple.tuple().addUUID(orgId).addLong(generation).addArrayOfString(steps);
    return Future.all(
            connection.preparedQuery(INSERT).execute(parameters),
            addJob(connection, StepJob.first(direction, orgId, generation)))
        .mapEmpty();
  }

  /** Adds a job, due at once; harmless when it is there. */
  public static Future<Void> addJob(SqlClient connection, StepJob job) {
    return connection
        .preparedQuery(JOB)
        .execute(Tuple.of(job.direction().task(), job.instance()))
        .mapEmpty();
  }

  /** The steps of older generations that nobody is at will not be done any more. */
  static Future<Void> giveUp(SqlClient connection, UUID orgId, long generation) {
    return connection.preparedQuery(GIVE_UP).execute(Tuple.of(orgId, generation)).mapEmpty();
  }
}
