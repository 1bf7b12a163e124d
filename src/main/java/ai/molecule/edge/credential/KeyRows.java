package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Key records to and from rows. Stateless. */
final class KeyRows {
  /**
   * A key with what surrounds it. The keys of an org that is going are revoked since it is, whether
   * or not its deletion has come round to their rows.
   */
  static final String SELECT =
      """
      SELECT k.id, k.hash, k.root_hash, k.version, k.partner_id, k.org_id, k.workspace_id,
             k.ephemeral_org, k.environment, k.prefix, k.last4, k.name, k.description, k.scopes, k.tier,
             k.rate_limit, k.burst, k.ip_allow, k.disabled, k.lineage_id, k.predecessor_id,
             k.successor_id, k.rotated_at, k.grace_until, k.created_by, k.created_at, k.expires_at,
             coalesce(k.revoked_at,
                      CASE WHEN o.status IN ('deleting', 'deleted') THEN o.status_at END)
               AS revoked_at,
             k.metadata, o.status IS NOT DISTINCT FROM 'suspended' AS org_suspended,
             u.last_used_at
        FROM partner_keys k
        LEFT JOIN orgs o ON o.id = k.org_id
        LEFT JOIN key_last_used u ON u.key_id = k.id
      """;

  /** The rules of {@link KeyRecord#statusAt}, in the same order, over {@link #SELECT}. */
  static final String STATUS =
      """
      CASE WHEN k.revoked_at IS NOT NULL OR o.status IN ('deleting', 'deleted') THEN 'revoked'
           WHEN k.successor_id IS NOT NULL AND k.grace_until IS NULL THEN 'rotated'
           WHEN k.grace_until <= now() THEN 'rotated'
           WHEN k.expires_at <= now() THEN 'expired'
           WHEN k.disabled THEN 'disabled'
           WHEN k.grace_until IS NULL THEN 'active'
           ELSE 'grace' END
      """;

  private KeyRows() {}

  /** The record of a row of {@link #SELECT}. */
  static KeyRecord read(Row row) {
    return new KeyRecord(
        row.getUUID("id"),
        KeyHash.ofDigest(row.getBuffer("hash").getBytes()),
        KeyHash.ofDigest(row.getBuffer("root_hash").getBytes()),
        row.getLong("version"),
        row.getString("name"),
        row.getString("description"),
        row.getString("partner_id"),
        row.getUUID("org_id"),
        row.getUUID("workspace_id"),
        row.getBoolean("ephemeral_org"),
        row.getBoolean("org_suspended"),
        Environment.ofWireName(row.getString("environment")).orElseThrow(),
        row.getString("prefix"),
        row.getString("last4"),
        new ScopeSet(row.getInteger("scopes")),
        row.getString("tier"),
        new Limit(row.getInteger("rate_limit"), row.getInteger("burst")),
        AddressRanges.of(List.of(row.getArrayOfStrings("ip_allow"))),
        row.getBoolean("disabled"),
        row.getUUID("lineage_id"),
        row.getUUID("predecessor_id"),
        row.getUUID("successor_id"),
        instant(row, "rotated_at"),
        instant(row, "grace_until"),
        row.getString("created_by"),
        row.getOffsetDateTime("created_at").toInstant(),
        instant(row, "expires_at"),
        instant(row, "revoked_at"),
        instant(row, "last_used_at"),
        metadata(row.getJsonObject("metadata")));
  }

  /** What the update of a key takes, in its order: the id, the version, what can change. */
  static Tuple updated(KeyRecord key) {
    return Tuple.tuple()
        .addUUID(key.id())
        .addLong(key.version())
        .addString(key.name())
        .addString(key.description())
        .addInteger(key.scopes().mask())
        .addString(key.tier())
        .addInteger(key.limit().ratePerMinute())
        .addInteger(key.limit().burst())
        .addArrayOfString(key.ipAllow().cidrs().toArray(String[]::new))
        .addBoolean(key.disabled())
        .addUUID(key.successorId())
        .addOffsetDateTime(time(key.rotatedAt()))
        .addOffsetDateTime(time(key.graceUntil()))
        .addOffsetDateTime(time(key.expiresAt()))
        .addOffsetDateTime(time(key.revokedAt()))
        .addJsonObject(json(key.metadata()));
  }

  /** {@code edited} as the next version of {@code current}, without what a key cannot change. */
  static KeyRecord next(KeyRecord current, KeyRecord edited) {
    return stored(
        current, edited, current.version() + 1, current.createdAt(), current.orgSuspended());
  }

  /** {@code key} as Postgres will give it back when it is new. */
  static KeyRecord created(KeyRecord key, boolean orgSuspended) {
    return stored(key, key, key.version(), micros(key.createdAt()), orgSuspended);
  }

  private static KeyRecord stored(
      KeyRecord fixed, KeyRecord free, long version, Instant createdAt, boolean orgSuspended) {
    return new KeyRecord(
        fixed.id(),
        fixed.hash(),
        fixed.root(),
        version,
        free.name(),
        free.description(),
        fixed.partnerId(),
        fixed.orgId(),
        fixed.workspaceId(),
        fixed.ephemeralOrg(),
        orgSuspended,
        fixed.environment(),
        fixed.prefix(),
        fixed.last4(),
        free.scopes(),
        free.tier(),
        free.limit(),
        free.ipAllow(),
        free.disabled(),
        fixed.lineageId(),
        fixed.predecessorId(),
        free.successorId(),
        nullableMicros(free.rotatedAt()),
        nullableMicros(free.graceUntil()),
        fixed.createdBy(),
        createdAt,
        nullableMicros(free.expiresAt()),
        nullableMicros(free.revokedAt()),
        fixed.lastUsedAt(),
        free.metadata());
  }

  /** A time as the driver takes it. */
  static @Nullable OffsetDateTime time(@Nullable Instant instant) {
    return instant == null ? null : micros(instant).atOffset(ZoneOffset.UTC);
  }

  private static Instant micros(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MICROS);
  }

  private static @Nullable Instant nullableMicros(@Nullable Instant instant) {
    return instant == null ? null : micros(instant);
  }

  private static @Nullable Instant instant(Row row, String column) {
    OffsetDateTime time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }

  private static JsonObject json(Map<String, String> metadata) {
    return new JsonObject(new LinkedHashMap<>(metadata));
  }

  private static Map<String, String> metadata(JsonObject json) {
    Map<String, String> metadata = new LinkedHashMap<>();
    json.forEach(entry -> metadata.put(entry.getKey(), String.valueOf(entry.getValue())));
    return Collections.unmodifiableMap(metadata);
  }
}
