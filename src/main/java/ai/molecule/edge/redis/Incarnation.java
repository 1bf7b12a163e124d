package ai.molecule.edge.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One unbroken memory of a Redis server. Records and buckets carry its number, and those of another
 * one are ignored: what a restart or a failover lost can never be taken for the present.
 *
 * @param identity the server's run id and replication id, as epoch.lua answers them
 * @param startMicros Redis time at which this memory was first seen, microseconds
 * @param number 32 bits of a digest of both, as an unsigned number. A digest and not the run id
 *     alone, because a server that is demoted and promoted again keeps its run id
 */
public record Incarnation(String identity, long startMicros, long number) {

  /** The incarnation that epoch.lua answered. */
  static Incarnation of(String identity, long startMicros) {
    return new Incarnation(
        identity, startMicros, Long.parseLong(sha1(stored(identity, startMicros)), 0, 8, 16));
  }

  /** What stands at the epoch's place in Redis. */
  String stored() {
    return stored(identity, startMicros);
  }

  private static String stored(String identity, long startMicros) {
    return identity + " " + startMicros;
  }

  /** SHA-1 of UTF-8 text in lower case hex, as Redis names scripts. */
  static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
