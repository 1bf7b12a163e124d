package ai.molecule.edge.credential;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The key object that callers see: the HTTP contract, section 5, its members in that order, null
 * where there is none. The plaintext is not among them. Stateless.
 */
public final class KeyJson {
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private KeyJson() {}

  /** The key as it is at {@code now}. */
  public static JsonObject of(KeyRecord key, Instant now) {
    return of(key, now, key.lastUsedAt());
  }

  /**
   * The key as it is at {@code now}.
   *
   * @param lastUsedAt when it was last used, where that is known better than the record knows it
   */
  public static JsonObject of(KeyRecord key, Instant now, @Nullable Instant lastUsedAt) {
    return new JsonObject()
        .put("id", key.id().toString())
        .put("name", key.name())
        .put("description", key.description())
        .put("partner_id", key.partnerId())
        .put("org_id", text(key.orgId()))
        .put("environment", key.environment().wireName())
        .put("prefix", key.prefix())
        .put("last4", key.last4())
        .put("scopes", new JsonArray(key.scopes().wireNames()))
        .put("tier", key.tier())
        .put("rate_limit", key.limit().ratePerMinute())
        .put("burst", key.limit().burst())
        .put("ip_allow", new JsonArray(key.ipAllow().cidrs()))
        .put("status", key.statusAt(now))
        .put("lineage_id", key.lineageId().toString())
        .put("predecessor_id", text(key.predecessorId()))
        .put("successor_id", text(key.successorId()))
        .put("grace_until", timestamp(key.graceUntil()))
        .put("created_by", key.createdBy())
        .put("created_at", timestamp(key.createdAt()))
        .put("expires_at", timestamp(key.expiresAt()))
        .put("revoked_at", timestamp(key.revokedAt()))
        .put("last_used_at", timestamp(lastUsedAt))
        .put("ephemeral_org", key.ephemeralOrg())
        .put("metadata", new JsonObject(new LinkedHashMap<>(key.metadata())));
  }

  /** A time as callers see it: RFC 3339 in UTC with milliseconds. */
  public static @Nullable String timestamp(@Nullable Instant time) {
    return time == null ? null : TIMESTAMP.format(time);
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }
}
