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
 * Key records as Redis holds them: the header that the Lua scripts read, and a {@link
 * CompactPayload payload} that only nodes read. A payload in JSON, as earlier versions wrote it, is
 * read as well.
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
    return header.encode(CompactPayload.write(key));
  }

  /**
   * The record behind those bytes.
   *
   * @throws RuntimeException when they are not a record; the caller treats it as missing
   */
  static KeyRecord decode(KeyHash hash, Buffer bytes) {
    RecordHeader.Decoded decoded = RecordHeader.decode(bytes);
    RecordHeader header = decoded.header();
    Buffer payload = decoded.payload();
    String rooted = header.root();
    KeyHash root = rooted == null ? hash : KeyHash.ofBase64Url(rooted);
    return payload.getByte(0) == CompactPayload.FORMAT
        ? CompactPayload.read(hash, root, header, payload)
        : fromJson(hash, root, header, new JsonObject(payload));
  }

  private static KeyRecord fromJson(
      KeyHash hash, KeyHash root, RecordHeader header, JsonObject json) {
    return new KeyRecord(
        UUID.fromString(json.getString("id")),
        hash,
        root,
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
