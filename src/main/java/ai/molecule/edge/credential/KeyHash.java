package ai.molecule.edge.credential;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * SHA-256 of a credential: the only form in which a credential is stored, cached or compared.
 * Immutable, cheap to compare and to use as a map key.
 */
public record KeyHash(long a, long b, long c, long d) {
  private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

  /** The hash whose 32 bytes are {@code digest}. */
  public static KeyHash ofDigest(byte[] digest) {
    if (digest.length != 32) {
      throw new IllegalArgumentException("a SHA-256 digest has 32 bytes, not " + digest.length);
    }
    ByteBuffer bytes = ByteBuffer.wrap(digest);
    return new KeyHash(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  /** The hash written as 43 characters of base64url, as in Redis keys and notifications. */
  public static KeyHash ofBase64Url(String text) {
    return ofDigest(Base64.getUrlDecoder().decode(text));
  }

  /** The 32 bytes. */
  public byte[] bytes() {
    return ByteBuffer.allocate(32).putLong(a).putLong(b).putLong(c).putLong(d).array();
  }

  /** 43 characters of base64url without padding. */
  public String base64Url() {
    return BASE64_URL.encodeToString(bytes());
  }

  /** Whether the two are equal, in a time that does not depend on where they differ. */
  public boolean equalsInConstantTime(KeyHash other) {
    return MessageDigest.isEqual(bytes(), other.bytes());
  }

  @Override
  public int hashCode() {
    return (int) (a ^ (a >>> 32));
  }

  @Override
  public String toString() {
    return "KeyHash[" + base64Url().substring(0, 8) + "…]";
  }
}
