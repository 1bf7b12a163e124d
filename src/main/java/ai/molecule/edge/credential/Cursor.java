package ai.molecule.edge.credential;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/**
 * The place in a list, newest first, after which the next page begins. Opaque to callers: 32
 * characters of base64url over the time in microseconds and the id.
 *
 * @param createdAt of the last item seen, in whole microseconds as Postgres keeps it
 * @param id of the same item
 */
public record Cursor(Instant createdAt, UUID id) {
  private static final int BYTES = Long.BYTES * 3;
  private static final int CHARACTERS = BYTES * 4 / 3;

  /** 1970 to the year 9999: what a list can hold, and what Postgres can compare with. */
  private static final long MICROS_MAX = 253_402_300_799_999_999L;

  /** The cursor that {@link #text} made, or empty for anything else. */
  public static Optional<Cursor> parse(String text) {
    if (text.length() != CHARACTERS) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (bytes.length != BYTES) {
      return Optional.empty();
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    long micros = buffer.getLong();
    if (micros < 0 || micros > MICROS_MAX) {
      return Optional.empty();
    }
    return Optional.of(
        new Cursor(
            Instant.EPOCH.plus(micros, ChronoUnit.MICROS),
            new UUID(buffer.getLong(), buffer.getLong())));
  }

  /** The cursor as callers carry it. */
  public String text() {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES);
    buffer.putLong(ChronoUnit.MICROS.between(Instant.EPOCH, createdAt));
    buffer.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
  }
}
