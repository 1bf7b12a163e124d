package ai.molecule.edge.controlplane.webhooks;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a webhook's deliveries are signed with: Standard Webhooks 1.0.0, symmetric. It shows itself
 * in {@link #text} alone. Immutable.
 */
public final class SigningSecret {
  private static final String PREFIX = "whsec_";
  private static final int BYTES = 32;
  private static final String ALGORITHM = "HmacSHA256";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] key;

  private SigningSecret(byte[] key) {
    this.key = key;
  }

  /** A fresh one of 32 bytes; the specification asks for 24 to 64. */
  public static SigningSecret generate() {
    byte[] key = new byte[BYTES];
    RANDOM.nextBytes(key);
    return new SigningSecret(key);
  }

  /** The one of those bytes. */
  static SigningSecret of(byte[] key) {
    return new SigningSecret(key.clone());
  }

  byte[] bytes() {
    return key.clone();
  }

  /** As its owner is shown it, once: {@code whsec_} and base64. */
  public String text() {
    return PREFIX + Base64.getEncoder().encodeToString(key);
  }

  /**
   * The {@code webhook-signature} of one delivery.
   *
   * @param id the {@code webhook-id}, without a full stop in it
   * @param seconds the {@code webhook-timestamp}
   * @param body the body as it is sent
   */
  String sign(String id, long seconds, String body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      byte[] signed = (id + "." + seconds + "." + body).getBytes(StandardCharsets.UTF_8);
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return "SigningSecret";
  }
}
