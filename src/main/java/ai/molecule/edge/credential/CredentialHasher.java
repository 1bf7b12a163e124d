package ai.molecule.edge.credential;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 with its state kept between calls. One per event loop; not safe on two threads. */
public final class CredentialHasher {
  private static final int DIGEST_BYTES = 32;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest sha256;
  private final byte[] digest = new byte[DIGEST_BYTES];

  private CredentialHasher(MessageDigest sha256) {
    this.sha256 = sha256;
  }

  /** A hasher for the calling event loop. */
  public static CredentialHasher create() {
    try {
      return new CredentialHasher(MessageDigest.getInstance("SHA-256"));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The hash of a credential's bytes. */
  public KeyHash hash(byte[] credential) {
    return hash(credential, credential.length);
  }

  /** The hash of the first {@code length} bytes. */
  KeyHash hash(byte[] bytes, int length) {
    try {
      sha256.update(bytes, 0, length);
      sha256.digest(digest, 0, DIGEST_BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException("a SHA-256 digest has 32 bytes", e);
    }
    return new KeyHash(
        (long) LONGS.get(digest, 0),
        (long) LONGS.get(digest, 8),
        (long) LONGS.get(digest, 16),
        (long) LONGS.get(digest, 24));
  }
}
