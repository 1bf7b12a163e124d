package ai.molecule.edge.credential;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The statements that add keys, any number in one: each column comes as an array, so that one
 * prepared statement serves every number, and parsing, planning and committing are paid for once.
 * Each is written or none is. Stateless.
 */
final class KeyInserts {
  /** Keys alone. */
  private static final String KEYS =
      """
      INSERT INTO partner_keys (
          id, hash, root_hash, version, partner_id, org_id, workspace_id, ephemeral_org,
          environment, prefix, last4, lineage_id, predecessor_id, created_by, created_at, name,
          description, scopes, tier, rate_limit, burst, ip_allow, disabled, successor_id,
          rotated_at, grace_until, expires_at, revoked_at, metadata)
      SELECT unnest($1::uuid[]), unnest($2::bytea[]), unnest($3::bytea[]), unnest($4::bigint[]),
             unnest($5::text[]), unnest($6::uuid[]), unnest($7::uuid[]), unnest($8::boolean[]),
             unnest($9::text[]), unnest($10::text[]), unnest($11::text[]), unnest($12::uuid[]),
             unnest($13::uuid[]), unnest($14::text[]), unnest($15::timestamptz[]),
             unnest($16::text[]), unnest($17::text[]), unnest($18::integer[]),
             unnest($19::text[]), unnest($20::integer[]), unnest($21::integer[]),
             unnest($22::text[])::text[], unnest($23::boolean[]), unnest($24::uuid[]),
             unnest($25::timestamptz[]), unnest($26::timestamptz[]), unnest($27::timestamptz[]),
             unnest($28::timestamptz[]), unnest($29::jsonb[])
      """;

  /**
   * Keys, each with its audit row. No outbox row: nobody can remember anything about a credential
   * that did not exist.
   */
  private static final String AUDITED =
      """
      WITH created AS (
      %s)
      INSERT INTO audit_log (id, actor_type, actor_id, action, target_type, target_id, partner_id,
                             org_id, request_id, changes)
      SELECT unnest($30::uuid[]), unnest($31::text[]), unnest($32::text[]), unnest($33::text[]),
             unnest($34::text[]), unnest($35::text[]), unnest($36::text[]), unnest($37::uuid[]),
             unnest($38::text[]), unnest($39::jsonb[])
      """
          .formatted(KEYS);

  private KeyInserts() {}

  /** Writes keys and an audit row of each; alone, without a transaction, it is one by itself. */
  static Future<Void> audited(SqlConnection connection, List<NewKey> added) {
    Tuple columns = keys(added.stream().map(NewKey::key).toList());
    columns.addArrayOfUUID(column(added, key -> Ids.next(), UUID[]::new));
    text(columns, added, key -> key.context().actor().type());
    text(columns, added, key -> key.context().actor().id());
    text(columns, added, key -> key.context().action());
    text(columns, added, key -> KeyAudit.targetType(key.key()));
    text(columns, added, key -> key.key().id().toString());
    text(columns, added, key -> key.key().partnerId());
    columns.addArrayOfUUID(column(added, key -> key.key().orgId(), UUID[]::new));
    text(columns, added, key -> key.context().requestId());
    columns.addArrayOfJsonObject(
        column(added, key -> KeyDiff.created(key.key()), JsonObject[]::new));
    return connection.preparedQuery(AUDITED).execute(columns).mapEmpty();
  }

  /** Writes a key without an audit row. */
  static Future<Void> unaudited(SqlConnection connection, KeyRecord key) {
    return connection.preparedQuery(KEYS).execute(keys(List.of(key))).mapEmpty();
  }

  /** What {@link #KEYS} takes, in its order. */
  private static Tuple keys(List<KeyRecord> keys) {
    Tuple columns = Tuple.tuple();
    columns.addArrayOfUUID(column(keys, KeyRecord::id, UUID[]::new));
    columns.addArrayOfBuffer(column(keys, key -> bytes(key.hash()), Buffer[]::new));
    columns.addArrayOfBuffer(column(keys, key -> bytes(key.root()), Buffer[]::new));
    columns.addArrayOfLong(column(keys, KeyRecord::version, Long[]::new));
    text(columns, keys, KeyRecord::partnerId);
    columns.addArrayOfUUID(column(keys, KeyRecord::orgId, UUID[]::new));
    columns.addArrayOfUUID(column(keys, KeyRecord::workspaceId, UUID[]::new));
    columns.addArrayOfBoolean(column(keys, KeyRecord::ephemeralOrg, Boolean[]::new));
    text(columns, keys, key -> key.environment().wireName());
    text(columns, keys, KeyRecord::prefix);
    text(columns, keys, KeyRecord::last4);
    columns.addArrayOfUUID(column(keys, KeyRecord::lineageId, UUID[]::new));
    columns.addArrayOfUUID(column(keys, KeyRecord::predecessorId, UUID[]::new));
    text(columns, keys, KeyRecord::createdBy);
    time(columns, keys, key -> KeyRows.time(key.createdAt()));
    text(columns, keys, KeyRecord::name);
    text(columns, keys, KeyRecord::description);
    number(columns, keys, key -> key.scopes().mask());
    text(columns, keys, KeyRecord::tier);
    number(columns, keys, key -> key.limit().ratePerMinute());
    number(columns, keys, key -> key.limit().burst());
    // An array of arrays would have to be rectangular. CIDR ranges have nothing to be quoted.
    text(columns, keys, key -> "{" + String.join(",", key.ipAllow().cidrs()) + "}");
    columns.addArrayOfBoolean(column(keys, KeyRecord::disabled, Boolean[]::new));
    columns.addArrayOfUUID(column(keys, KeyRecord::successorId, UUID[]::new));
    time(columns, keys, key -> KeyRows.time(key.rotatedAt()));
    time(columns, keys, key -> KeyRows.time(key.graceUntil()));
    time(columns, keys, key -> KeyRows.time(key.expiresAt()));
    time(columns, keys, key -> KeyRows.time(key.revokedAt()));
    columns.addArrayOfJsonObject(
        column(
            keys, key -> new JsonObject(new LinkedHashMap<>(key.metadata())), JsonObject[]::new));
    return columns;
  }

  private static Buffer bytes(KeyHash hash) {
    return Buffer.buffer(hash.bytes());
  }

  private static <R> void text(Tuple to, List<R> rows, Function<R, @Nullable String> member) {
    to.addArrayOfString(column(rows, member, String[]::new));
  }

  private static <R> void number(Tuple to, List<R> rows, Function<R, @Nullable Integer> member) {
    to.addArrayOfInteger(column(rows, member, Integer[]::new));
  }

  private static <R> void time(
      Tuple to, List<R> rows, Function<R, @Nullable OffsetDateTime> member) {
    to.addArrayOfOffsetDateTime(column(rows, member, OffsetDateTime[]::new));
  }

  private static <R, T> @Nullable T[] column(
      List<R> rows, Function<R, @Nullable T> member, IntFunction<@Nullable T[]> array) {
    @Nullable T[] column = array.apply(rows.size());
    for (int i = 0; i < column.length; i++) {
      column[i] = member.apply(rows.get(i));
    }
    return column;
  }
}
