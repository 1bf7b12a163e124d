package ai.molecule.edge.credential;

import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Committed changes that still have to be announced. The node that made a change announces it and
 * takes its row away; what a node left behind is claimed by another and announced again. Safe on
 * any thread.
 */
public final class ChangeOutbox {
  // Index: the primary key.
  private static final String DONE = "DELETE FROM change_outbox WHERE id = $1";

  // Index: change_outbox_oldest.
  private static final String CLAIM =
      """
      UPDATE change_outbox
         SET claimed_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
       WHERE id IN (
             SELECT id FROM change_outbox
              WHERE created_at <= clock_timestamp() - $1::float8 * interval '1 millisecond'
                AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
              ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED)
      RETURNING id, key_ids
      """;

  // Index: the primary key.
  private static final String KEYS = KeyRows.SELECT + " WHERE k.id = ANY($1::uuid[])";

  // Index: the primary key.
  private static final String ONE = "SELECT id, key_ids FROM change_outbox WHERE id = $1";

  // The whole table, which is nearly always empty.
  private static final String PENDING = "SELECT count(*) FROM change_outbox";

  private final PostgresPools pools;

  /** The outbox behind {@code pools}; works on the control pool. */
  public ChangeOutbox(PostgresPools pools) {
    this.pools = pools;
  }

  /** Takes a change away: every node knows. Harmless when it is gone already. */
  public Future<Void> done(long outboxId) {
    return pools.query(pools.control(), DONE, Tuple.of(outboxId)).mapEmpty();
  }

  /** The change with that id, unless it is done. */
  Future<Optional<PendingChange>> find(long outboxId) {
    return pools
        .query(pools.control(), ONE, Tuple.of(outboxId))
        .compose(this::withKeys)
        .map(changes -> changes.stream().findFirst());
  }

  /** Changes that are not known everywhere yet. */
  Future<Long> pending() {
    return pools
        .query(pools.control(), PENDING, Tuple.tuple())
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /**
   * Claims changes that are waiting for longer than they should, oldest first.
   *
   * @param olderThan how long the node that made a change has it for itself
   * @param claimFor how long the claim holds; past it another node may claim the change
   * @param max changes at most
   */
  public Future<List<PendingChange>> claimStale(Duration olderThan, Duration claimFor, int max) {
    return pools
        .query(
            pools.control(),
            CLAIM,
            Tuple.of((double) olderThan.toMillis(), (double) claimFor.toMillis(), max))
        .compose(this::withKeys);
  }

  private Future<List<PendingChange>> withKeys(RowSet<Row> claimed) {
    if (claimed.size() == 0) {
      return Future.succeededFuture(List.of());
    }
    Set<UUID> ids = new LinkedHashSet<>();
    for (Row row : claimed) {
      ids.addAll(List.of(row.getArrayOfUUIDs("key_ids")));
    }
    return pools
        .query(pools.control(), KEYS, Tuple.tuple().addArrayOfUUID(ids.toArray(UUID[]::new)))
        .map(
            rows -> {
              Map<UUID, KeyRecord> keys =
                  KeyStore.keys(rows).stream()
                      .collect(Collectors.toMap(KeyRecord::id, Function.identity()));
              List<PendingChange> changes = new ArrayList<>();
              for (Row row : claimed) {
                changes.add(change(row, keys));
              }
              // RETURNING keeps no order.
              changes.sort(Comparator.comparingLong(PendingChange::outboxId));
              return changes;
            });
  }

  private static PendingChange change(Row row, Map<UUID, KeyRecord> keys) {
    List<KeyRecord> changed =
        List.of(row.getArrayOfUUIDs("key_ids")).stream()
            .map(keys::get)
            .filter(Objects::nonNull)
            .toList();
    return new PendingChange(row.getLong("id"), changed);
  }
}
