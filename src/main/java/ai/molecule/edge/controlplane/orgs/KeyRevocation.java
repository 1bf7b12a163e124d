package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Committed;
import ai.molecule.edge.credential.KeyEdit;
import ai.molecule.edge.credential.KeyStore;
import ai.molecule.edge.credential.LockedKey;
import ai.molecule.edge.credential.OrgKeys;
import ai.molecule.edge.credential.Reach;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A revoked key as its transaction leaves it, and with the last key of a lineage the ephemeral org
 * that came with it.
 *
 * @param key the key, revoked
 * @param ofOrg the keys that ended with the org; none when it lives on or there is none
 * @param orgGoes whether an org is being torn down, so that there may be jobs to do
 */
record KeyRevocation(Committed key, Committed ofOrg, boolean orgGoes) {
  // Index: the primary keys.
  static final String EPHEMERAL_ORG =
      OrgRows.SELECT
          + """
           WHERE o.id = (SELECT org_id FROM partner_keys WHERE id = $1 AND ephemeral_org)
             FOR UPDATE
          """;

  // Index: partner_keys_of_lineage.
  static final String LINEAGE_LIVES =
      """
      SELECT EXISTS (
        SELECT FROM partner_keys
         WHERE lineage_id = $1 AND ephemeral_org AND revoked_at IS NULL
           AND (successor_id IS NULL OR grace_until > clock_timestamp())
           AND (expires_at IS NULL OR expires_at > clock_timestamp()))
      """;

  private static final Committed NO_KEYS = new Committed(List.of(), Committed.UNCHANGED);

  /** A locked key, and the ephemeral org that came with it. */
  record Locked(Optional<Org> org, LockedKey key) {
    /**
     * Locks both, in one round trip, the org first: an org comes before its keys, for everyone.
     *
     * @return fails with {@code not_found} when there is no such key within reach
     */
    static Future<Locked> of(SqlConnection connection, Reach reach, UUID id) {
      Future<RowSet<Row>> org = connection.preparedQuery(EPHEMERAL_ORG).execute(Tuple.of(id));
      Future<LockedKey> key = LockedKey.of(connection, reach, id);
      return org.compose(held -> key.map(locked -> new Locked(OrgRows.first(held), locked)));
    }
  }

  /** Revokes a key of {@code keys} by {@code edit}, within a transaction on {@code connection}. */
  static Future<KeyRevocation> within(
      SqlConnection connection, KeyStore keys, Locked locked, KeyEdit edit, AuditContext context) {
    return keys.updateWithin(connection, locked.key(), edit, context)
        .compose(
            key ->
                locked.org().isEmpty()
                    ? Future.succeededFuture(ofKeyAlone(key))
                    : endWith(connection, locked.org().get(), key, context));
  }

  private static KeyRevocation ofKeyAlone(Committed key) {
    return new KeyRevocation(key, NO_KEYS, false);
  }

  private static Future<KeyRevocation> endWith(
      SqlConnection connection, Org org, Committed key, AuditContext context) {
    if (org.status().isGoing()) {
      return OrgKeys.unchanged(connection, org.id())
          .map(keys -> new KeyRevocation(key, keys, true));
    }
    return connection
        .preparedQuery(LINEAGE_LIVES)
        .execute(Tuple.of(key.key().lineageId()))
        .compose(
            rows ->
                rows.iterator().next().getBoolean(0)
                    ? Future.succeededFuture(ofKeyAlone(key))
                    : OrgWrites.delete(connection, org, context)
                        .map(going -> new KeyRevocation(key, going.keys(), true)));
  }
}
