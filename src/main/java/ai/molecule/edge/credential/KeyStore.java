package ai.molecule.edge.credential;

import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.TransactionFrame;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Keys in Postgres, the truth about them. Every read goes through a {@link Reach}; every write is
 * one transaction that holds the change, its audit row and its outbox row, or nothing. On the
 * control pool; safe on any thread. Everything fails with {@code store_unavailable} when Postgres
 * cannot serve in time; a write that does so may have been committed.
 */
public final class KeyStore {
  // Index: the primary key.
  private static final String UPDATE =
      """
      UPDATE partner_keys
         SET version = $2, name = $3, description = $4, scopes = $5, tier = $6, rate_limit = $7,
             burst = $8, ip_allow = $9, disabled = $10, successor_id = $11, rotated_at = $12,
             grace_until = $13, expires_at = $14, revoked_at = $15, metadata = $16
       WHERE id = $1
      """;

  // Index: the primary key. Shared: keys may be added together, but not while the org is changing.
  private static final String ORG_OF_PARTNER =
      "SELECT status FROM orgs WHERE id = $1 AND partner_id = $2 FOR SHARE";

  // Index: the primary keys.
  private static final String ORG_OF_KEY =
      """
      SELECT status FROM orgs
       WHERE id = (SELECT org_id FROM partner_keys WHERE id = $1) FOR SHARE
      """;

  private static final String OUTBOX =
      "INSERT INTO change_outbox (key_ids) VALUES ($1) RETURNING id";

  private final PostgresPools pools;

  /** The keys behind {@code pools}. */
  public KeyStore(PostgresPools pools) {
    this.pools = pools;
  }

  /** New keys written together, for one event loop. */
  KeyCreations creations() {
    return new KeyCreations(pools);
  }

  /** The key of that id, if it is within reach. */
  public Future<Optional<KeyRecord>> find(Reach reach, UUID id) {
    Selection reads = KeyReads.one(KeyRows.SELECT, reach, id);
    return pools
        .measured(StoreOp.READ, pools.query(pools.control(), reads.sql(), reads.parameters()))
        .map(rows -> keys(rows).stream().findFirst());
  }

  /** One page of the keys within reach, newest first; stable while keys are added. */
  public Future<Page<KeyRecord>> list(Reach reach, KeyFilter filter, PageRequest page) {
    Selection reads = KeyReads.page(reach, filter, page);
    return pools
        .measured(StoreOp.READ, pools.query(pools.control(), reads.sql(), reads.parameters()))
        .map(rows -> Page.cut(keys(rows), page, last -> new Cursor(last.createdAt(), last.id())));
  }

  /**
   * Adds a key.
   *
   * @return the key as stored; fails with {@code invalid_request} at {@code #/org_id} when its
   *     partner has no such org or the org is going
   */
  public Future<Committed> create(KeyRecord key, AuditContext context) {
    return create(key, context, TransactionFrame.none());
  }

  /** {@link #create} with {@code frame} around it, in its transaction. */
  public Future<Committed> create(
      KeyRecord key, AuditContext context, TransactionFrame<Committed> frame) {
    return change(
        connection -> frame.around(connection, () -> createWithin(connection, key, context)));
  }

  /** {@link #create} as a part of a larger transaction, on its connection. */
  public Future<Committed> createWithin(
      SqlConnection connection, KeyRecord key, AuditContext context) {
    return orgSuspended(connection, key)
        .map(suspended -> KeyRows.created(key, suspended))
        .compose(
            created ->
                KeyInserts.audited(connection, List.of(new NewKey(created, context)))
                    .map(done -> new Committed(List.of(created), Committed.UNCHANGED)));
  }

  private <T> Future<T> change(Function<SqlConnection, Future<T>> work) {
    return pools.measured(StoreOp.CHANGE, pools.transaction(pools.control(), work));
  }

  private static Future<Boolean> orgSuspended(SqlConnection connection, KeyRecord key) {
    UUID orgId = key.orgId();
    if (orgId == null) {
      return Future.succeededFuture(false);
    }
    return connection
        .preparedQuery(ORG_OF_PARTNER)
        .execute(Tuple.of(orgId, key.partnerId()))
        .map(
            rows -> {
              String status = rows.size() == 0 ? "deleted" : rows.iterator().next().getString(0);
              return switch (status) {
                case "deleting", "deleted" ->
                    throw Problem.invalid("#/org_id", "unknown_org", "There is no such org.");
                case "suspended" -> true;
                default -> false;
              };
            });
  }

  /**
   * Changes a key within reach; concurrent changes of one key happen one after the other.
   *
   * @return the key after the change; fails with {@code not_found} when there is none within reach
   */
  public Future<Committed> update(Reach reach, UUID id, KeyEdit edit, AuditContext context) {
    return pools.measured(
        StoreOp.CHANGE,
        pools.transaction(
            pools.control(),
            connection -> LockedKey.of(connection, reach, id),
            (connection, locked) -> updateWithin(connection, locked, edit, context)));
  }

  /** {@link #update} as a part of a larger transaction, on its connection. */
  public Future<Committed> updateWithin(
      SqlConnection connection, LockedKey locked, KeyEdit edit, AuditContext context) {
    KeyRecord current = locked.key();
    KeyRecord edited = edit.apply(current, locked.now());
    if (edited.equals(current)) {
      return Future.succeededFuture(new Committed(List.of(current), Committed.UNCHANGED));
    }
    KeyRecord next = KeyRows.next(current, edited);
    return commit(
        connection.preparedQuery(UPDATE).execute(KeyRows.updated(next)),
        KeyAudit.write(connection, context, next, KeyDiff.between(current, next)),
        outbox(connection, next),
        next);
  }

  /**
   * Replaces a key within reach by a successor of the same lineage.
   *
   * @return the successor, then the predecessor; fails with {@code not_found} when there is no such
   *     key within reach
   */
  public Future<Committed> rotate(Reach reach, UUID id, Rotation rotation, AuditContext context) {
    return rotate(reach, id, rotation, context, TransactionFrame.none());
  }

  /** {@link #rotate} with {@code frame} around it, in its transaction. */
  public Future<Committed> rotate(
      Reach reach,
      UUID id,
      Rotation rotation,
      AuditContext context,
      TransactionFrame<Committed> frame) {
    return change(
        connection ->
            frame.around(connection, () -> rotateOn(connection, reach, id, rotation, context)));
  }

  private Future<Committed> rotateOn(
      SqlConnection connection, Reach reach, UUID id, Rotation rotation, AuditContext context) {
    // The org before the key, as its own changes do: a suspension must not miss the successor.
    Future<?> org = connection.preparedQuery(ORG_OF_KEY).execute(Tuple.of(id));
    Future<LockedKey> key = LockedKey.of(connection, reach, id);
    return org.compose(held -> key)
        .compose(
            locked -> {
              KeyRecord current = locked.key();
              Rotation.Rotated rotated = rotation.apply(current, locked.now());
              KeyRecord predecessor = KeyRows.next(current, rotated.predecessor());
              KeyRecord successor =
                  KeyRows.created(
                      requireSameLineage(current, rotated.successor()), current.orgSuspended());
              Future<?> rows =
                  Future.all(
                      connection.preparedQuery(UPDATE).execute(KeyRows.updated(predecessor)),
                      KeyInserts.unaudited(connection, successor));
              JsonObject changes = KeyDiff.between(current, predecessor);
              return commit(
                  rows,
                  KeyAudit.write(connection, context, predecessor, changes),
                  outbox(connection, successor, predecessor),
                  successor,
                  predecessor);
            });
  }

  private static KeyRecord requireSameLineage(KeyRecord current, KeyRecord successor) {
    if (!successor.lineageId().equals(current.lineageId())
        || !successor.root().equals(current.root())
        || !successor.partnerId().equals(current.partnerId())
        || !Objects.equals(successor.orgId(), current.orgId())) {
      throw new IllegalStateException("the successor of " + current.id() + " left its lineage");
    }
    return successor;
  }

  private static Future<Long> outbox(SqlConnection connection, KeyRecord... keys) {
    UUID[] ids = new UUID[keys.length];
    for (int i = 0; i < keys.length; i++) {
      ids[i] = keys[i].id();
    }
    return connection
        .preparedQuery(OUTBOX)
        .execute(Tuple.tuple().addArrayOfUUID(ids))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /** The three parts of a change, sent without waiting for one another. */
  private static Future<Committed> commit(
      Future<?> rows, Future<?> audit, Future<Long> outbox, KeyRecord... keys) {
    return Future.all(rows, audit, outbox)
        .map(all -> new Committed(List.of(keys), outbox.result()));
  }

  static List<KeyRecord> keys(RowSet<Row> rows) {
    List<KeyRecord> keys = new ArrayList<>(rows.size());
    for (Row row : rows) {
      keys.add(KeyRows.read(row));
    }
    return keys;
  }
}
