package ai.molecule.edge.credential.coherence;

import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where the confirmations of a change go: the first 32 bits of its id, if that is a UUID of version
 * 8 (RFC 9562). Ids of version 4, of builds before, have no address; their coordinators listen
 * where all do. Two nodes with one address hear each other's confirmations, and ignore them.
 *
 * @param bits drawn at random by each node when it starts
 */
record ChangeAddress(int bits) {
  private static final long VERSION_8 = 0x8000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  /** A node's own. */
  static ChangeAddress random() {
    return new ChangeAddress(ThreadLocalRandom.current().nextInt());
  }

  /** The address in the id of a change, if it has one. */
  static Optional<ChangeAddress> of(UUID changeId) {
    return changeId.version() == 8
        ? Optional.of(new ChangeAddress((int) (changeId.getMostSignificantBits() >>> 32)))
        : Optional.empty();
  }

  /** An id of a change whose confirmations are to come here, which nothing has yet. */
  UUID newChangeId() {
    UUID random = UUID.randomUUID();
    long most = (long) bits << 32 | random.getMostSignificantBits() & 0xFFFF_0FFFL | VERSION_8;
    return new UUID(most, random.getLeastSignificantBits() | VARIANT);
  }

  /** Eight hexadecimal digits, fit for the name of a channel. */
  String hex() {
    return HexFormat.of().toHexDigits(bits);
  }
}
