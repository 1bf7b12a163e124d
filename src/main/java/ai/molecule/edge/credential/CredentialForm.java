package ai.molecule.edge.credential;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes minted credentials in the middle of any text, by prefix, digits and checksum. What
 * stands before or after does not matter: a key inside a longer word is a leaked key. Keeps scratch
 * memory between calls; not safe on two threads.
 */
public final class CredentialForm {
  /** Bytes of the longest minted credential. */
  public static final int BYTES_MAX =
      CredentialKind.LIVE_KEY.prefix().length()
          + CredentialKind.RANDOM_CHARS
          + Base62.CHECKSUM_CHARS;

  private static final CredentialKind[] KINDS = CredentialKind.values();
  private static final int LAST_SHOWN = 4;

  private final CRC32 crc = new CRC32();
  private final CredentialHasher hasher = CredentialHasher.create();
  private final byte[] scratch = new byte[BYTES_MAX];

  /**
   * A credential that was recognized, without its text.
   *
   * @param last4 its last four characters, as in key objects
   */
  public record Sighting(CredentialKind kind, String last4, KeyHash hash) {}

  /** The credential that begins at {@code text[from]} and ends before {@code to}, if one does. */
  public @Nullable Sighting at(byte[] text, int from, int to) {
    for (CredentialKind kind : KINDS) {
      int length = kind.length();
      if (length <= to - from && startsWith(kind.prefixAscii(), text, from)) {
        System.arraycopy(text, from, scratch, 0, length);
        return Base62.areDigits(scratch, kind.prefix().length(), length)
                && Base62.checksumHolds(crc, scratch, length)
            ? sighting(kind)
            : null;
      }
    }
    return null;
  }

  private Sighting sighting(CredentialKind kind) {
    int length = kind.length();
    String last4 = new String(scratch, length - LAST_SHOWN, LAST_SHOWN, StandardCharsets.US_ASCII);
    return new Sighting(kind, last4, hasher.hash(scratch, length));
  }

  private static boolean startsWith(byte[] prefix, byte[] text, int from) {
    for (int i = 0; i < prefix.length; i++) {
      if (text[from + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
