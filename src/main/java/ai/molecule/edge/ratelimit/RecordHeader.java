package ai.molecule.edge.ratelimit;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the scripts know of a key record in Redis. Layout, big endian: 4 bytes incarnation (written
 * by the script), 8 version, 1 state, 1 flags, 4 scopes, 4 rate a minute, 4 burst, 8 not-after; the
 * root's 43 characters if the key has been rotated; then the payload, which no script reads.
 *
 * @param version of the key's admission state; grows with every change; below 2^53
 * @param state ordinal of the key's state; 0 is active, anything else a tombstone
 * @param flags {@link #FLAG_IP_RULES} and {@link #FLAG_NOT_AFTER_IS_GRACE}; whether a root follows
 *     is told by {@code root}
 * @param scopesMask the key's scopes
 * @param limit the lineage's limit
 * @param notAfterMillis unix time from which the key is over; 0 for never
 * @param root the hash of the lineage's first key when that is another one, else null
 */
public record RecordHeader(
    long version,
    int state,
    int flags,
    int scopesMask,
    Limit limit,
    long notAfterMillis,
    @Nullable String root) {
  /** The caller's address has to be checked before tokens are taken. */
  public static final int FLAG_IP_RULES = 2;

  /** Past {@code notAfterMillis} the key is rotated rather than expired. */
  public static final int FLAG_NOT_AFTER_IS_GRACE = 4;

  /** Characters of a root. */
  public static final int ROOT_CHARS = 43;

  private static final int FIXED_BYTES = 34;
  private static final long EXACT_MAX = 1L << 53;
  private static final int FLAG_ROOTED = 1;

  public RecordHeader {
    require(version > 0 && version < EXACT_MAX, "version");
    require(state >= 0 && state <= 255, "state");
    require((flags & ~(FLAG_IP_RULES | FLAG_NOT_AFTER_IS_GRACE)) == 0, "flags");
    require(notAfterMillis >= 0 && notAfterMillis < EXACT_MAX / 1000, "notAfterMillis");
    require(root == null || root.length() == ROOT_CHARS, "root");
  }

  /** The record: this header, then {@code payload}. */
  public Buffer encode(Buffer payload) {
    Buffer record =
        Buffer.buffer(FIXED_BYTES + ROOT_CHARS + payload.length())
            .appendInt(0)
            .appendLong(version)
            .appendByte((byte) state)
            .appendByte((byte) (root == null ? flags : flags | FLAG_ROOTED))
            .appendInt(scopesMask)
            .appendInt(limit.ratePerMinute())
            .appendInt(limit.burst())
            .appendLong(notAfterMillis);
    if (root != null) {
      record.appendString(root, StandardCharsets.US_ASCII.name());
    }
    return record.appendBuffer(payload);
  }

  /**
   * A record taken apart.
   *
   * @param header what the scripts know
   * @param payload the rest
   */
  public record Decoded(RecordHeader header, Buffer payload) {}

  /**
   * Takes a record apart. Flags this version does not know are dropped.
   *
   * @throws IllegalArgumentException when the bytes are no record
   */
  public static Decoded decode(Buffer record) {
    require(record.length() >= FIXED_BYTES, "length");
    int flags = record.getByte(13);
    boolean rooted = (flags & FLAG_ROOTED) != 0;
    int headerBytes = rooted ? FIXED_BYTES + ROOT_CHARS : FIXED_BYTES;
    require(record.length() >= headerBytes, "length");
    RecordHeader header =
        new RecordHeader(
            record.getLong(4),
            record.getUnsignedByte(12),
            flags & (FLAG_IP_RULES | FLAG_NOT_AFTER_IS_GRACE),
            record.getInt(14),
            new Limit(record.getInt(18), record.getInt(22)),
            record.getLong(26),
            rooted
                ? record.getString(FIXED_BYTES, headerBytes, StandardCharsets.US_ASCII.name())
                : null);
    return new Decoded(header, record.slice(headerBytes, record.length()));
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("record " + what + " out of bounds");
    }
  }
}
