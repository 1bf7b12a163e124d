package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.RecordHeader;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The payload of a key's record in Redis, which only nodes read: {@link #FORMAT}, then fields in
 * any order, each a tag of one byte, the length of its value (unsigned LEB128) and the value. A
 * field that is null, empty or false is left out. Tags are never given another meaning, and unknown
 * ones are passed over, so that nodes of neighbouring versions read each other's records. Big
 * endian; texts are UTF-8; times are 8 bytes of seconds and, unless 0, 4 of nanoseconds.
 */
final class CompactPayload {
  /** The first byte. A payload in JSON, as earlier versions wrote it, begins with a brace. */
  static final byte FORMAT = 1;

  private static final int ID = 1;
  private static final int NAME = 2;
  private static final int PARTNER = 3;

  /** Left out when it is live. */
  private static final int ENVIRONMENT = 4;

  /** The whole of it, unless it begins like all keys of the environment: then {@link #SHOWN}. */
  private static final int PREFIX = 5;

  private static final int LAST4 = 6;

  /** Left out when it is the id: in every key that did not come from a rotation. */
  private static final int LINEAGE = 7;

  private static final int CREATED_BY = 8;
  private static final int CREATED = 9;
  private static final int DESCRIPTION = 10;
  private static final int ORG = 11;
  private static final int WORKSPACE = 12;
  private static final int TIER = 13;
  private static final int PREDECESSOR = 14;
  private static final int SUCCESSOR = 15;
  private static final int ROTATED = 16;
  private static final int GRACE = 17;
  private static final int EXPIRES = 18;
  private static final int REVOKED = 19;
  private static final int USED = 20;
  private static final int EPHEMERAL = 21;
  private static final int SUSPENDED = 22;
  private static final int DISABLED = 23;

  /** One for each range. */
  private static final int RANGE = 24;

  /** One for each entry: the length of the name in one byte or more, the name, the value. */
  private static final int METADATA = 25;

  /** What of the prefix is this key's own. */
  private static final int SHOWN = 26;

  private static final int ID_BYTES = 16;
  private static final int SECONDS_BYTES = 8;
  private static final int TYPICAL_BYTES = 128;
  private static final int LENGTH_BITS_MAX = 28;

  private CompactPayload() {}

  /** The payload of {@code key}: what the header does not have. */
  static Buffer write(KeyRecord key) {
    Buffer to = Buffer.buffer(TYPICAL_BYTES).appendByte(FORMAT);
    id(to, ID, key.id());
    text(to, NAME, key.name());
    text(to, PARTNER, key.partnerId());
    Environment environment = key.environment();
    text(to, ENVIRONMENT, environment == Environment.LIVE ? null : environment.wireName());
    String common = environment.kind().prefix();
    if (key.prefix().startsWith(common)) {
      text(to, SHOWN, key.prefix().substring(common.length()));
    } else {
      text(to, PREFIX, key.prefix());
    }
    text(to, LAST4, key.last4());
    id(to, LINEAGE, key.lineageId().equals(key.id()) ? null : key.lineageId());
    text(to, CREATED_BY, key.createdBy());
    text(to, DESCRIPTION, key.description());
    id(to, ORG, key.orgId());
    id(to, WORKSPACE, key.workspaceId());
    text(to, TIER, key.tier());
    id(to, PREDECESSOR, key.predecessorId());
    id(to, SUCCESSOR, key.successorId());
    time(to, ROTATED, key.rotatedAt());
    time(to, GRACE, key.graceUntil());
    time(to, EXPIRES, key.expiresAt());
    time(to, REVOKED, key.revokedAt());
    time(to, USED, key.lastUsedAt());
    mark(to, EPHEMERAL, key.ephemeralOrg());
    mark(to, SUSPENDED, key.orgSuspended());
    mark(to, DISABLED, key.disabled());
    key.ipAllow().cidrs().forEach(cidr -> text(to, RANGE, cidr));
    key.metadata().forEach((name, value) -> entry(to, name, value));
    // Last, because it must be there: a payload that was cut short is none.
    time(to, CREATED, key.createdAt());
    return to;
  }

  private static void id(Buffer to, int tag, @Nullable UUID id) {
    if (id != null) {
      head(to, tag, ID_BYTES)
          .appendLong(id.getMostSignificantBits())
          .appendLong(id.getLeastSignificantBits());
    }
  }

  private static void text(Buffer to, int tag, @Nullable String text) {
    if (text != null) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      head(to, tag, bytes.length).appendBytes(bytes);
    }
  }

  private static void time(Buffer to, int tag, @Nullable Instant time) {
    if (time == null) {
      return;
    }
    if (time.getNano() == 0) {
      head(to, tag, SECONDS_BYTES).appendLong(time.getEpochSecond());
    } else {
      head(to, tag, SECONDS_BYTES + Integer.BYTES)
          .appendLong(time.getEpochSecond())
          .appendInt(time.getNano());
    }
  }

  private static void mark(Buffer to, int tag, boolean set) {
    if (set) {
      head(to, tag, 0);
    }
  }

  private static void entry(Buffer to, String name, String value) {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    Buffer entry = Buffer.buffer();
    length(entry, nameBytes.length)
        .appendBytes(nameBytes)
        .appendBytes(value.getBytes(StandardCharsets.UTF_8));
    head(to, METADATA, entry.length()).appendBuffer(entry);
  }

  private static Buffer head(Buffer to, int tag, int length) {
    return length(to.appendByte((byte) tag), length);
  }

  private static Buffer length(Buffer to, int length) {
    int rest = length;
    while (rest > 0x7f) {
      to.appendByte((byte) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    return to.appendByte((byte) rest);
  }

  /**
   * The key behind a header and a payload.
   *
   * @param root the hash of the lineage's first key
   * @throws RuntimeException when the bytes are no payload
   */
  static KeyRecord read(KeyHash hash, KeyHash root, RecordHeader header, Buffer payload) {
    Fields fields = Fields.of(payload);
    UUID id = Objects.requireNonNull(fields.id(ID), "id");
    UUID lineage = fields.id(LINEAGE);
    String name = fields.text(ENVIRONMENT);
    Environment environment =
        name == null ? Environment.LIVE : Environment.ofWireName(name).orElseThrow();
    String prefix = fields.text(PREFIX);
    return new KeyRecord(
        id,
        hash,
        root,
        header.version(),
        fields.required(NAME),
        fields.text(DESCRIPTION),
        fields.required(PARTNER),
        fields.id(ORG),
        fields.id(WORKSPACE),
        fields.has(EPHEMERAL),
        fields.has(SUSPENDED),
        environment,
        prefix == null ? environment.kind().prefix() + fields.required(SHOWN) : prefix,
        fields.required(LAST4),
        new ScopeSet(header.scopesMask()),
        fields.text(TIER),
        header.limit(),
        AddressRanges.of(fields.ranges),
        fields.has(DISABLED),
        lineage == null ? id : lineage,
        fields.id(PREDECESSOR),
        fields.id(SUCCESSOR),
        fields.time(ROTATED),
        fields.time(GRACE),
        fields.required(CREATED_BY),
        Objects.requireNonNull(fields.time(CREATED), "created"),
        fields.time(EXPIRES),
        fields.time(REVOKED),
        fields.time(USED),
        fields.metadata);
  }

  /** The fields of one payload by their tags; those that come more than once apart. */
  private static final class Fields {
    private final Buffer[] values = new Buffer[SHOWN + 1];
    private final List<String> ranges = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    static Fields of(Buffer payload) {
      Fields fields = new Fields();
      int at = 1;
      while (at < payload.length()) {
        int tag = payload.getUnsignedByte(at);
        Length length = Length.at(payload, at + 1);
        at = length.ends + length.value;
        fields.add(tag, payload.slice(length.ends, at));
      }
      return fields;
    }

    private void add(int tag, Buffer value) {
      switch (tag) {
        case RANGE -> ranges.add(utf8(value));
        case METADATA -> {
          Length name = Length.at(value, 0);
          int nameEnds = name.ends + name.value;
          metadata.put(
              utf8(value.slice(name.ends, nameEnds)), utf8(value.slice(nameEnds, value.length())));
        }
        default -> {
          if (tag < values.length) {
            values[tag] = value;
          }
        }
      }
    }

    boolean has(int tag) {
      return values[tag] != null;
    }

    @Nullable String text(int tag) {
      Buffer value = values[tag];
      return value == null ? null : utf8(value);
    }

    String required(int tag) {
      return Objects.requireNonNull(text(tag), () -> "field " + tag);
    }

    @Nullable UUID id(int tag) {
      Buffer value = values[tag];
      return value == null ? null : new UUID(value.getLong(0), value.getLong(8));
    }

    @Nullable Instant time(int tag) {
      Buffer value = values[tag];
      return value == null
          ? null
          : Instant.ofEpochSecond(
              value.getLong(0), value.length() > SECONDS_BYTES ? value.getInt(SECONDS_BYTES) : 0);
    }

    private static String utf8(Buffer value) {
      return value.toString(StandardCharsets.UTF_8);
    }
  }

  /** A length, and where what it measures begins. */
  private record Length(int value, int ends) {
    static Length at(Buffer bytes, int from) {
      int value = 0;
      for (int at = from, bits = 0; bits < LENGTH_BITS_MAX; at++, bits += 7) {
        int next = bytes.getByte(at);
        value |= (next & 0x7f) << bits;
        if (next >= 0) {
          return new Length(value, at + 1);
        }
      }
      throw new IllegalArgumentException("a length of a record is out of bounds");
    }
  }
}
