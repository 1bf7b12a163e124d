package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.RecordHeader;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Key records as Redis holds them: the header that the Lua scripts read, and a JSON payload that
 * only nodes read. Members that a version does not know are ignored, so that nodes of neighbouring
 * versions read each other's records.
 */
final class KeyRecordCodec {
  private KeyRecordCodec() {}

  /** The bytes of a record. */
  static Buffer encode(KeyRecord key) {
    Instant notAfter = key.notAfter();
    int flags =
        (key.ipAllow().isAnywhere() ? 0 : RecordHeader.FLAG_IP_RULES)
            | (key.endsWithGrace() ? RecordHeader.FLAG_NOT_AFTER_IS_GRACE : 0);
    RecordHeader header =
        new RecordHeader(
            key.version(),
            key.storedState().ordinal(),
            flags,
            key.scopes().mask(),
            key.limit(),
            notAfter == null ? 0 : notAfter.toEpochMilli(),
            key.root().equals(key.hash()) ? null : key.root().base64Url());
    return header.encode(payload(key).toBuffer());
  }

  /**
   * The record behind those bytes.
   *
   * @throws RuntimeException when they are not a record; the caller treats it as missing
   */
  static KeyRecord decode(KeyHash hash, Buffer bytes) {
    RecordHeader.Decoded decoded = RecordHeader.decode(bytes);
    RecordHeader header = decoded.header();
    JsonObject json = new JsonObject(decoded.payload());
    String root = header.root();
    return new KeyRecord(
        UUID.fromString(json.getString("id")),
        hash,
        root == null ? hash : KeyHash.ofBase64Url(root),
        header.version(),
        json.getString("name"),
        json.getString("description"),
        json.getString("partner"),
        uuid(json, "org"),
        uuid(json, "workspace"),
        json.getBoolean("ephemeral", false),
        json.getBoolean("suspended", false),
        Environment.ofWireName(json.getString("env")).orElseThrow(),
        json.getString("prefix"),
        json.getString("last4"),
        new ScopeSet(header.scopesMask()),
        json.getString("tier"),
        header.limit(),
        AddressRanges.of(strings(json.getJsonArray("ip"))),
        json.getBoolean("disabled", false),
        UUID.fromString(json.getString("lineage")),
        uuid(json, "predecessor"),
        uuid(json, "successor"),
        instant(json, "rotated"),
        instant(json, "grace"),
        json.getString("by"),
        Instant.parse(json.getString("created")),
        instant(json, "expires"),
        instant(json, "revoked"),
        instant(json, "used"),
        metadata(json.getJsonObject("meta")));
  }

  private static JsonObject payload(KeyRecord key) {
    JsonObject json =
        new JsonObject()
            .put("id", key.id().toString())
            .put("name", key.name())
            .put("partner", key.partnerId())
            .put("env", key.environment().wireName())
            .put("prefix", key.prefix())
            .put("last4", key.last4())
            .put("lineage", key.lineageId().toString())
            .put("by", key.createdBy())
            .put("created", key.createdAt().toString());
    putUnlessNull(json, "description", key.description());
    putUnlessNull(json, "org", key.orgId());
    putUnlessNull(json, "workspace", key.workspaceId());
    putUnlessNull(json, "tier", key.tier());
    putUnlessNull(json, "predecessor", key.predecessorId());
    putUnlessNull(json, "successor", key.successorId());
    putUnlessNull(json, "rotated", key.rotatedAt());
    putUnlessNull(json, "grace", key.graceUntil());
    putUnlessNull(json, "expires", key.expiresAt());
    putUnlessNull(json, "revoked", key.revokedAt());
    putUnlessNull(json, "used", key.lastUsedAt());
    putIfTrue(json, "ephemeral", key.ephemeralOrg());
    putIfTrue(json, "suspended", key.orgSuspended());
    putIfTrue(json, "disabled", key.disabled());
    if (!key.ipAllow().isAnywhere()) {
      json.put("ip", new JsonArray(new ArrayList<Object>(key.ipAllow().cidrs())));
    }
    if (!key.metadata().isEmpty()) {
      json.put("meta", new JsonObject(new LinkedHashMap<String, Object>(key.metadata())));
    }
    return json;
  }

  private static void putUnlessNull(JsonObject json, String member, @Nullable Object value) {
    if (value != null) {
      json.put(member, value.toString());
    }
  }

  private static void putIfTrue(JsonObject json, String member, boolean value) {
    if (value) {
      json.put(member, true);
    }
  }

  private static @Nullable UUID uuid(JsonObject json, String member) {
    String text = json.getString(member);
    return text == null ? null : UUID.fromString(text);
  }

  private static @Nullable Instant instant(JsonObject json, String member) {
    String text = json.getString(member);
    return text == null ? null : Instant.parse(text);
  }

  private static List<String> strings(@Nullable JsonArray array) {
    List<String> strings = new ArrayList<>();
    if (array != null) {
      for (int i = 0; i < array.size(); i++) {
        strings.add(array.getString(i));
      }
    }
    return strings;
  }

  private static Map<String, String> metadata(@Nullable JsonObject json) {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (json != null) {
      for (String member : json.fieldNames()) {
        metadata.put(member, json.getString(member));
      }
    }
    return metadata;
  }
}
