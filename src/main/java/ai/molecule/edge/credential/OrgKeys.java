package ai.molecule.edge.credential;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * All keys of one org at once, its workspaces' tokens among them, or all tokens of one workspace,
 * within the transaction that changes the org. The org must have been locked and changed before: a
 * key that is being made takes the org's lock first, so none is missed, and what is read here
 * already shows the org as it is now. Stateless.
 */
public final class OrgKeys {
  // Index: partner_keys_of_org. Keys that have ended are known to everyone as they are.
  private static final String CHANGED =
      """
      UPDATE partner_keys SET version = version + 1
       WHERE org_id = $1 AND revoked_at IS NULL RETURNING id
      """;

  // Index: partner_keys_of_org.
  private static final String REVOKED =
      """
      UPDATE partner_keys SET version = version + 1, revoked_at = clock_timestamp()
       WHERE org_id = $1 AND revoked_at IS NULL RETURNING id
      """;

  // Index: partner_keys_of_workspace.
  private static final String TOKENS_REVOKED =
      """
      UPDATE partner_keys SET version = version + 1, revoked_at = clock_timestamp()
       WHERE workspace_id = $1 AND revoked_at IS NULL RETURNING id
      """;

  // Index: partner_keys_of_workspace.
  private static final String TOKENS = KeyRows.SELECT + " WHERE k.workspace_id = $1";

  // Index: partner_keys_of_org.
  private static final String ALL = KeyRows.SELECT + " WHERE k.org_id = $1";

  // Index: the primary key.
  private static final String THESE = KeyRows.SELECT + " WHERE k.id = ANY($1::uuid[])";

  private static final String OUTBOX =
      "INSERT INTO change_outbox (key_ids) VALUES ($1) RETURNING id";

  private OrgKeys() {}

  /** The org's state has changed: every key that has not ended gets its next version. */
  public static Future<Committed> changed(SqlConnection connection, UUID orgId) {
    return write(connection, CHANGED, orgId);
  }

  /** The org is going: every key that has not ended ends now. */
  public static Future<Committed> revoked(SqlConnection connection, UUID orgId) {
    return write(connection, REVOKED, orgId);
  }

  /** A workspace of the org is going: its tokens end now. */
  public static Future<Committed> tokensRevoked(SqlConnection connection, UUID workspaceId) {
    return write(connection, TOKENS_REVOKED, workspaceId);
  }

  /** The keys as they are, to be published again. */
  public static Future<Committed> unchanged(SqlConnection connection, UUID orgId) {
    return read(connection, ALL, orgId);
  }

  /** The tokens of a workspace as they are, to be published again. */
  public static Future<Committed> tokensUnchanged(SqlConnection connection, UUID workspaceId) {
    return read(connection, TOKENS, workspaceId);
  }

  private static Future<Committed> read(SqlConnection connection, String sql, UUID id) {
    return connection
        .preparedQuery(sql)
        .execute(Tuple.of(id))
        .map(rows -> new Committed(KeyStore.keys(rows), Committed.UNCHANGED));
  }

  private static Future<Committed> write(SqlConnection connection, String sql, UUID id) {
    return connection
        .preparedQuery(sql)
        .execute(Tuple.of(id))
        .compose(
            written -> {
              List<UUID> ids = new ArrayList<>(written.rowCount());
              written.forEach(row -> ids.add(row.getUUID(0)));
              return ids.isEmpty()
                  ? Future.succeededFuture(new Committed(List.of(), Committed.UNCHANGED))
                  : announced(connection, ids.toArray(UUID[]::new));
            });
  }

  private static Future<Committed> announced(SqlConnection connection, UUID[] ids) {
    Future<RowSet<Row>> keys =
        connection.preparedQuery(THESE).execute(Tuple.tuple().addArrayOfUUID(ids));
    Future<RowSet<Row>> outbox =
        connection.preparedQuery(OUTBOX).execute(Tuple.tuple().addArrayOfUUID(ids));
    return Future.all(keys, outbox)
        .map(
            both ->
                new Committed(
                    KeyStore.keys(keys.result()), outbox.result().iterator().next().getLong(0)));
  }
}
