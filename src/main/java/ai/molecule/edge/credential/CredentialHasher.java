package ai.molecule.edge.credential;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 with its state kept between calls. One per event loop; not safe on two threads. */
public final class CredentialHasher {
  private final MessageDigest sha256;

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
    return KeyHash.ofDigest(sha256.digest(credential));
  }
}
