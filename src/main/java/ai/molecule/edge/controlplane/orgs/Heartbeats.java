package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes heartbeats in batches that make themselves: one transaction at a time, and what arrives
 * meanwhile is the next. A beat alone is written at once; a thousand at a time cost Postgres what
 * one does. Each is answered only when it is committed, so that whoever asks next, on any node,
 * finds the workspace online. One an event loop, used there only.
 */
public final class Heartbeats {
  /** Workspaces in one statement. */
  static final int BATCH_MAX = 1_000;

  // Index: the primary keys. Rows are taken in the order of their ids, the same on every node, so
  // that two nodes cannot deadlock. Workspaces that are gone fall out.
  static final String WRITE =
      """
      WITH beats AS (
             SELECT b.id, b.task, b.active,
      """
          + WorkspaceRows.STATE
          + """
                   AS state
                   FROM unnest($1::uuid[], $2::text[], $3::int[]) AS b (id, task, active)
                   JOIN workspaces w ON w.id = b.id AND w.deleted_at IS NULL
                   JOIN orgs o ON o.id = w.org_id),
                 written AS (
                 INSERT INTO workspace_heartbeats (workspace_id, at, current_task, active_tasks)
                 SELECT id, clock_timestamp(), task, active FROM beats ORDER BY id
                     ON CONFLICT (workspace_id) DO UPDATE
                    SET at = greatest(workspace_heartbeats.at, excluded.at),
                        current_task = excluded.current_task, active_tasks = excluded.active_tasks)
          SELECT id, state FROM beats
          """;

  private final PostgresPools pools;
  private final int waitingMax;
  private Map<UUID, Waiting> waiting = new LinkedHashMap<>();
  private boolean writing;

  /**
   * Heartbeats into the database behind {@code pools}.
   *
   * @param waitingMax workspaces whose beats may wait here; one more is {@code overloaded}
   */
  public Heartbeats(PostgresPools pools, int waitingMax) {
    this.pools = pools;
    this.waitingMax = waitingMax;
  }

  /**
   * What a workspace says of itself.
   *
   * @param currentTask what it is at; null for nothing
   */
  public record Beat(@Nullable String currentTask, int activeTasks) {}

  /** The newest beat of a workspace, and everybody who waits for it to be written. */
  private static final class Waiting {
    private Beat beat;
    private final List<Promise<String>> told = new ArrayList<>(1);

    private Waiting(Beat beat) {
      this.beat = beat;
    }
  }

  /**
   * Takes a heartbeat in.
   *
   * @return the state the workspace is to be in, once the beat is committed; fails with {@code
   *     not_found} for a workspace that is gone, {@code overloaded} or {@code store_unavailable}
   */
  public Future<String> beat(UUID workspaceId, Beat beat) {
    Waiting place = waiting.get(workspaceId);
    if (place == null) {
      if (waiting.size() >= waitingMax) {
        return Future.failedFuture(Problem.of(ProblemCode.OVERLOADED).retryAfter(1));
      }
      place = new Waiting(beat);
      waiting.put(workspaceId, place);
    }
    place.beat = beat;
    Promise<String> told = Promise.promise();
    place.told.add(told);
    if (!writing) {
      writeNext();
    }
    return told.future();
  }

  private void writeNext() {
    Map<UUID, Waiting> batch = nextBatch();
    if (batch.isEmpty()) {
      return;
    }
    writing = true;
    write(batch)
        .onComplete(
            written -> {
              writing = false;
              writeNext();
              tell(batch, written.result(), written.cause());
            });
  }

  private Map<UUID, Waiting> nextBatch() {
    Map<UUID, Waiting> batch = waiting;
    if (batch.size() <= BATCH_MAX) {
      waiting = new LinkedHashMap<>();
      return batch;
    }
    Map<UUID, Waiting> first = new LinkedHashMap<>();
    Iterator<Map.Entry<UUID, Waiting>> each = batch.entrySet().iterator();
    while (first.size() < BATCH_MAX) {
      Map.Entry<UUID, Waiting> one = each.next();
      first.put(one.getKey(), one.getValue());
      each.remove();
    }
    return first;
  }

  private Future<RowSet<Row>> write(Map<UUID, Waiting> batch) {
    UUID[] ids = new UUID[batch.size()];
    @Nullable String[] tasks = new String[ids.length];
    Integer[] active = new Integer[ids.length];
    int place = 0;
    for (Map.Entry<UUID, Waiting> one : batch.entrySet()) {
      Beat beat = one.getValue().beat;
      ids[place] = one.getKey();
      tasks[place] = beat.currentTask();
      active[place] = beat.activeTasks();
      place++;
    }
    Tuple parameters =
        Tuple.tuple().addArrayOfUUID(ids).addArrayOfString(tasks).addArrayOfInteger(active);
    return pools.measured(
        StoreOp.FLUSH,
        pools.transaction(
            pools.control(),
            connection ->
                connection
                    // A beat lost with the server's power is a beat that comes again.
                    .query("SET LOCAL synchronous_commit = off")
                    .execute()
                    .compose(set -> connection.preparedQuery(WRITE).execute(parameters))));
  }

  private static void tell(
      Map<UUID, Waiting> batch, @Nullable RowSet<Row> rows, @Nullable Throwable failure) {
    Map<UUID, String> states = new HashMap<>();
    if (rows != null) {
      rows.forEach(row -> states.put(row.getUUID("id"), row.getString("state")));
    }
    batch.forEach(
        (id, place) -> {
          String state = states.get(id);
          for (Promise<String> told : place.told) {
            if (state != null) {
              told.complete(state);
            } else {
              told.fail(failure == null ? Problem.of(ProblemCode.NOT_FOUND) : failure);
            }
          }
        });
  }
}
