package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.controlplane.audit.AuditLog;
import ai.molecule.edge.controlplane.events.EventType;
import ai.molecule.edge.controlplane.orgs.StepJob.Direction;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far orgs are: what the steps write. Each write is a transaction under the org's lock that
 * first looks whether the org is still of the step's generation. On the control pool; safe on any
 * thread. Everything fails with {@code store_unavailable} when Postgres cannot serve in time.
 */
public final class OrgProgress {
  static final String ORG_RUNNING = "org.running";
  static final String ORG_FAILED = "org.failed";
  static final String ORG_GONE = "org.gone";

  // Index: the primary key.
  private static final String ORG = OrgRows.SELECT + " WHERE o.id = $1 FOR UPDATE";

  // Index: the primary key.
  private static final String STEP =
      """
      SELECT status, attempts FROM org_steps WHERE org_id = $1 AND generation = $2 AND step = $3
      """;

  // Index: the primary key.
  private static final String TAKE =
      """
      UPDATE org_steps
         SET status = 'running', attempts = attempts + 1,
             started_at = coalesce(started_at, clock_timestamp())
       WHERE org_id = $1 AND generation = $2 AND step = $3 RETURNING attempts
      """;

  // Index: the primary key.
  private static final String END =
      """
      UPDATE org_steps SET status = $4, error = $5, finished_at = clock_timestamp()
       WHERE org_id = $1 AND generation = $2 AND step = $3
      """;

  // Index: the primary key.
  private static final String NOTE =
      "UPDATE org_steps SET error = $4 WHERE org_id = $1 AND generation = $2 AND step = $3";

  // Index: the primary key.
  private static final String STRAGGLERS =
      """
      SELECT EXISTS (SELECT FROM org_steps
                      WHERE org_id = $1 AND generation < $2 AND status = 'running')
      """;

  // Index: the primary key.
  private static final String READY =
      """
      UPDATE orgs SET status = 'running', status_at = clock_timestamp(),
                      ready_at = clock_timestamp(), billing_started_at = clock_timestamp()
       WHERE id = $1 AND status = 'provisioning' AND generation = $2 RETURNING *
      """;

  // Index: the primary key.
  private static final String FAILED =
      """
      UPDATE orgs SET status = 'failed', status_at = clock_timestamp()
       WHERE id = $1 AND status = 'provisioning' AND generation = $2 RETURNING *
      """;

  // Index: the primary key. The keys' versions were raised when it began to go.
  private static final String GONE =
      """
      UPDATE orgs SET status = 'deleted', status_at = clock_timestamp(),
                      deleted_at = clock_timestamp()
       WHERE id = $1 AND status = 'deleting' AND generation = $2 RETURNING *
      """;

  // Index: org_members_newest.
  private static final String NO_MEMBERS = "DELETE FROM org_members WHERE org_id = $1";

  private final PostgresPools pools;

  /** The progress of the orgs behind {@code pools}. */
  public OrgProgress(PostgresPools pools) {
    this.pools = pools;
  }

  /** What taking a step up comes to. */
  public sealed interface Taken {
    /** The step is to be done, for the {@code attempts}th time. */
    record Held(Org org, int attempts) implements Taken {}

    /** The org has moved on: what the step may have made is to be taken back. */
    record Lost(Org org, int attempts) implements Taken {}

    /** There is nothing to do: it was done before, or there is no such step. */
    record Nothing() implements Taken {}
  }

  /** What becomes of a step that was worked on. */
  public enum Written {
    /** It is over. */
    DONE,
    /** It is to be tried again. */
    WAITS,
    /** The org has moved on: what the step made is to be taken back. */
    LOST
  }

  /** Takes a step up. */
  public Future<Taken> take(StepJob job) {
    return within(
        job,
        (connection, org) ->
            org.isEmpty()
                ? Future.succeededFuture(new Taken.Nothing())
                : connection
                    .preparedQuery(STEP)
                    .execute(place(job))
                    .compose(
                        rows ->
                            rows.size() == 0
                                ? Future.succeededFuture(new Taken.Nothing())
                                : take(connection, org.get(), job, rows.iterator().next())));
  }

  private static Future<Taken> take(SqlConnection connection, Org org, StepJob job, Row step) {
    int attempts = step.getInteger("attempts");
    boolean lost = org.generation() != job.generation();
    return switch (step.getString("status")) {
      case "succeeded" -> Future.succeededFuture(new Taken.Nothing());
      // Never begun, or given up when the org began to go: nothing to take back unless it ran.
      case "pending", "lost" ->
          lost ? Future.succeededFuture(new Taken.Nothing()) : held(connection, org, job);
      default ->
          lost ? Future.succeededFuture(new Taken.Lost(org, attempts)) : held(connection, org, job);
    };
  }

  private static Future<Taken> held(SqlConnection connection, Org org, StepJob job) {
    return connection
        .preparedQuery(TAKE)
        .execute(place(job))
        .map(rows -> new Taken.Held(org, rows.iterator().next().getInteger(0)));
  }

  /** A step is done: the next one begins, and after the last the org is what it was to become. */
  public Future<Written> finish(StepJob job) {
    return unlessLost(
        job,
        (connection, org) ->
            job.next().isEmpty() && job.direction() == Direction.TEARDOWN
                ? connection
                    .preparedQuery(STRAGGLERS)
                    .execute(Tuple.of(org.id(), org.generation()))
                    .compose(
                        rows ->
                            rows.iterator().next().getBoolean(0)
                                ? Future.succeededFuture(Written.WAITS)
                                : succeeded(connection, org, job))
                : succeeded(connection, org, job));
  }

  private static Future<Written> succeeded(SqlConnection connection, Org org, StepJob job) {
    return end(connection, job, "succeeded", null)
        .compose(
            ended ->
                job.next().isPresent()
                    ? StepRows.addJob(connection, job.next().get())
                    : last(connection, org, job.direction()))
        .map(Written.DONE);
  }

  private static Future<Void> last(SqlConnection connection, Org org, Direction direction) {
    return switch (direction) {
      case PROVISION -> become(connection, org, READY, ORG_RUNNING, EventType.ORG_RUNNING);
      case TEARDOWN ->
          connection
              .preparedQuery(NO_MEMBERS)
              .execute(Tuple.of(org.id()))
              .compose(gone -> become(connection, org, GONE, ORG_GONE, EventType.ORG_DELETED));
    };
  }

  /**
   * A step has failed.
   *
   * @param spent whether it is not to be tried again, so that the org has failed
   */
  public Future<Written> failed(StepJob job, String error, boolean spent) {
    return unlessLost(
        job,
        (connection, org) ->
            spent
                ? end(connection, job, "failed", error)
                    .compose(
                        ended -> become(connection, org, FAILED, ORG_FAILED, EventType.ORG_FAILED))
                    .map(Written.DONE)
                : connection
                    .preparedQuery(NOTE)
                    .execute(place(job).addString(error))
                    .map(Written.WAITS));
  }

  /** A step had lost, and what it made has been taken back. */
  public Future<Void> lost(StepJob job) {
    return within(job, (connection, org) -> end(connection, job, "lost", null));
  }

  private static Future<Void> become(
      SqlConnection connection, Org org, String sql, String action, EventType told) {
    return connection
        .preparedQuery(sql)
        .execute(Tuple.of(org.id(), org.generation()))
        .compose(
            rows -> {
              if (rows.size() == 0) {
                return Future.succeededFuture();
              }
              Row row = rows.iterator().next();
              Org now = OrgRows.read(row);
              JsonObject change =
                  AuditLog.change("status", org.status().wireName(), now.status().wireName());
              AuditContext context = AuditContext.ofEdge(action);
              return Future.all(
                      OrgAudit.ofOrg(connection, context, org, change),
                      OrgEvents.became(connection, now, told, OrgRows.since(row)))
                  .mapEmpty();
            });
  }

  private static Future<Void> end(
      SqlConnection connection, StepJob job, String status, @Nullable String error) {
    return connection
        .preparedQuery(END)
        .execute(place(job).addString(status).addString(error))
        .mapEmpty();
  }

  private Future<Written> unlessLost(StepJob job, Work<Org, Written> work) {
    return within(
        job,
        (connection, org) ->
            org.isPresent() && org.get().generation() == job.generation()
                ? work.on(connection, org.get())
                : Future.succeededFuture(Written.LOST));
  }

  /** A part of a transaction, with the org locked. */
  private interface Work<O, T> {
    Future<T> on(SqlConnection connection, O org);
  }

  private <T> Future<T> within(StepJob job, Work<Optional<Org>, T> work) {
    return pools.transaction(
        pools.control(),
        connection ->
            connection
                .preparedQuery(ORG)
                .execute(Tuple.of(job.orgId()))
                .compose(rows -> work.on(connection, OrgRows.first(rows))));
  }

  private static Tuple place(StepJob job) {
    return Tuple.tuple()
        .addUUID(job.orgId())
        .addLong(job.generation())
        .addString(job.step().wireName());
  }
}
