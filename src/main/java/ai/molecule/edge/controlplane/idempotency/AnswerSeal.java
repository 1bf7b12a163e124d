package ai.molecule.edge.controlplane.idempotency;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * Seals answers that show a secret, so that only a repetition of the call can read them:
 * AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA-256 (RFC 5869) derives from the
 * Idempotency-Key, the caller and the route. That key is made anew for each use and kept nowhere. A
 * sealed answer is a nonce of 12 bytes and what the cipher made, bound to the call's id. Stateless.
 */
final class AnswerSeal {
  private static final String PURPOSE = "partner-edge idempotent answer 1";
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  private AnswerSeal() {}

  /** The plaintext, sealed for {@code call}. */
  static byte[] seal(IdempotentCall call, byte[] plaintext) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, call, nonce).doFinal(plaintext);
      return ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal", e);
    }
  }

  /** What {@link #seal} was given for the same call; empty when it was another. */
  static Optional<byte[]> open(IdempotentCall call, byte[] sealed) {
    byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, call, nonce);
      return Optional.of(cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot open", e);
    }
  }

  private static Cipher cipher(int mode, IdempotentCall call, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key(call), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(call.id());
    return cipher;
  }

  private static SecretKey key(IdempotentCall call) throws GeneralSecurityException {
    String context = PURPOSE + '\n' + call.caller() + '\n' + call.route();
    return KDF.getInstance("HKDF-SHA256")
        .deriveKey(
            "AES",
            HKDFParameterSpec.ofExtract()
                .addIKM(call.key().bytes())
                .addSalt(call.id())
                .thenExpand(context.getBytes(StandardCharsets.UTF_8), KEY_BYTES));
  }
}
