package ai.molecule.edge.controlplane.webhooks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key under which signing secrets lie in Postgres: AES-256-GCM, a fresh nonce each, the
 * webhook's id as associated data, so that a secret moved to another row does not open. It shows
 * nothing of itself but {@link #id}. Immutable.
 */
public final class SealingKey {
  private static final int BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int ID_BYTES = 8;
  private static final String TRANSFORMATION = "AES/GCM/NoPadding";
  private static final byte[] ID_CONTEXT =
      "partner-edge webhook sealing key id".getBytes(StandardCharsets.US_ASCII);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] key;

  private SealingKey(byte[] key) {
    this.key = key;
  }

  /**
   * The key of that text.
   *
   * @param base64 of 32 bytes
   * @throws IllegalArgumentException for anything else; the message does not show it
   */
  public static SealingKey parse(String base64) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not base64");
    }
    if (key.length != BYTES) {
      throw new IllegalArgumentException("not 32 bytes");
    }
    return new SealingKey(key);
  }

  /** The text of a fresh key. */
  public static String generate() {
    byte[] key = new byte[BYTES];
    RANDOM.nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }

  /**
   * Which key it is, without telling what it is: the beginning of a hash, in hexadecimal digits.
   */
  String id() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ID_CONTEXT);
      return HexFormat.of().formatHex(digest.digest(key), 0, ID_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] seal(UUID webhook, SigningSecret secret) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, webhook, nonce).doFinal(secret.bytes());
      return ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The secret that was sealed for that webhook.
   *
   * @throws IllegalArgumentException when it was not, or not under this key
   */
  SigningSecret open(UUID webhook, byte[] sealed) {
    if (sealed.length <= NONCE_BYTES) {
      throw new IllegalArgumentException("too short");
    }
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, webhook, Arrays.copyOf(sealed, NONCE_BYTES));
      return SigningSecret.of(cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("does not open", e);
    }
  }

  private Cipher cipher(int mode, UUID webhook, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(TRANSFORMATION);
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(webhook.toString().getBytes(StandardCharsets.US_ASCII));
    return cipher;
  }

  @Override
  public String toString() {
    return "SealingKey[" + id() + "]";
  }
}
