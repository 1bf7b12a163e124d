package ai.molecule.edge.credential;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What changed of a key, for the audit log: {@code {"member": {"from": …, "to": …}}} under the
 * published names. Hashes and secrets are not among the members. Stateless.
 */
final class KeyDiff {
  private KeyDiff() {}

  /** The members of a new key. */
  static JsonObject created(KeyRecord key) {
    return between(Map.of(), members(key));
  }

  /** The members that differ. */
  static JsonObject between(KeyRecord before, KeyRecord after) {
    return between(members(before), members(after));
  }

  private static JsonObject between(
      Map<String, @Nullable Object> before, Map<String, @Nullable Object> after) {
    JsonObject changes = new JsonObject();
    after.forEach(
        (member, to) -> {
          Object from = before.get(member);
          if (!Objects.equals(from, to)) {
            changes.put(member, new JsonObject().put("from", from).put("to", to));
          }
        });
    return changes;
  }

  private static Map<String, @Nullable Object> members(KeyRecord key) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("name", key.name());
    members.put("description", key.description());
    members.put("partner_id", key.partnerId());
    members.put("org_id", text(key.orgId()));
    members.put("ephemeral_org", key.ephemeralOrg());
    members.put("environment", key.environment().wireName());
    members.put("scopes", new JsonArray(key.scopes().wireNames()));
    members.put("tier", key.tier());
    members.put("rate_limit", key.limit().ratePerMinute());
    members.put("burst", key.limit().burst());
    members.put("ip_allow", new JsonArray(key.ipAllow().cidrs()));
    members.put("disabled", key.disabled());
    members.put("predecessor_id", text(key.predecessorId()));
    members.put("successor_id", text(key.successorId()));
    members.put("rotated_at", text(key.rotatedAt()));
    members.put("grace_until", text(key.graceUntil()));
    members.put("expires_at", text(key.expiresAt()));
    members.put("revoked_at", text(key.revokedAt()));
    members.put("metadata", new JsonObject(new LinkedHashMap<>(key.metadata())));
    return members;
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }
}
