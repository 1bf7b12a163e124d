package ai.molecule.edge.credential;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * A credential just made. The plaintext is in {@link #reveal} alone, for the one response that
 * shows it; {@code toString} shows nothing.
 */
public final class MintedCredential {
  /** The most characters of a plaintext that are shown again: those of a partner key. */
  public static final int SHOWN_PREFIX_CHARS = 16;

  /** Digits of the plaintext that are shown in lists, after its prefix. */
  private static final int SHOWN_DIGITS = 4;

  /** Bytes beyond the digits asked for: one in 32 is left out. */
  private static final int SPARE_BYTES = 8;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final String plaintext;
  private final KeyHash hash;
  private final int shownChars;

  private MintedCredential(String plaintext, KeyHash hash, int shownChars) {
    this.plaintext = plaintext;
    this.hash = hash;
    this.shownChars = shownChars;
  }

  /** Mints a credential of that kind: 32 digits of 5.95 bits each, and the checksum. */
  public static MintedCredential mint(CredentialKind kind) {
    StringBuilder text = new StringBuilder(kind.length()).append(kind.prefix());
    appendDigits(text, CredentialKind.RANDOM_CHARS);
    byte[] body = text.toString().getBytes(StandardCharsets.US_ASCII);
    text.append(new String(Base62.checksum(body, body.length), StandardCharsets.US_ASCII));
    String plaintext = text.toString();
    byte[] ascii = plaintext.getBytes(StandardCharsets.US_ASCII);
    return new MintedCredential(
        plaintext, CredentialHasher.create().hash(ascii), kind.prefix().length() + SHOWN_DIGITS);
  }

  /**
   * Random bytes are drawn at once: the generator locks and hashes for each call. Each byte gives
   * six bits; the values that are no digit are left out, so that all digits stay equally likely.
   */
  private static void appendDigits(StringBuilder text, int count) {
    byte[] drawn = new byte[count + SPARE_BYTES];
    int length = text.length() + count;
    while (text.length() < length) {
      RANDOM.nextBytes(drawn);
      for (int i = 0; i < drawn.length && text.length() < length; i++) {
        int digit = drawn[i] & 63;
        if (digit < Base62.ALPHABET.length()) {
          text.append(Base62.ALPHABET.charAt(digit));
        }
      }
    }
  }

  /** The plaintext, to be shown once. */
  public String reveal() {
    return plaintext;
  }

  /** SHA-256 of the plaintext. */
  public KeyHash hash() {
    return hash;
  }

  /** The first characters, 16 of a key and 11 of a workspace token, which may be shown again. */
  public String shownPrefix() {
    return plaintext.substring(0, shownChars);
  }

  /** The last four characters, which may be shown again. */
  public String last4() {
    return plaintext.substring(plaintext.length() - 4);
  }

  @Override
  public String toString() {
    return "MintedCredential[hidden]";
  }
}
