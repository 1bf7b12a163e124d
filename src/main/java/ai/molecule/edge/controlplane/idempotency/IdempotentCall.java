package ai.molecule.edge.controlplane.idempotency;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A call under an {@link IdempotencyKey}: who makes it, where, and what it says. Immutable; {@code
 * toString} shows neither key nor body.
 */
public final class IdempotentCall {
  private final String caller;
  private final String route;
  private final IdempotencyKey key;
  private final byte[] id;
  private final byte[] bodyHash;

  private IdempotentCall(
      String caller, String route, IdempotencyKey key, byte[] id, byte[] bodyHash) {
    this.caller = caller;
    this.route = route;
    this.key = key;
    this.id = id;
    this.bodyHash = bodyHash;
  }

  /**
   * The call.
   *
   * @param caller {@code admin}, or the lineage of the calling key
   * @param route the method and the template of the path
   * @param variables what the path has for each variable of the template
   * @param body a body without duplicate members
   */
  public static IdempotentCall of(
      String caller,
      String route,
      Map<String, String> variables,
      IdempotencyKey key,
      JsonNode body) {
    MessageDigest digest = Sha256.fresh();
    part(digest, caller.getBytes(StandardCharsets.UTF_8));
    part(digest, route.getBytes(StandardCharsets.UTF_8));
    new TreeMap<>(variables)
        .forEach(
            (name, value) -> {
              part(digest, name.getBytes(StandardCharsets.UTF_8));
              part(digest, value.getBytes(StandardCharsets.UTF_8));
            });
    part(digest, key.bytes());
    return new IdempotentCall(caller, route, key, digest.digest(), JsonDigest.of(body));
  }

  /** With its length before it, so that no two lists of parts are one. */
  private static void part(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
    digest.update(part);
  }

  String caller() {
    return caller;
  }

  String route() {
    return route;
  }

  IdempotencyKey key() {
    return key;
  }

  /** SHA-256 over caller, route, path variables and key. */
  byte[] id() {
    return id.clone();
  }

  /** The advisory lock of the call: no other use of such locks can meet it but by chance. */
  long lock() {
    return ByteBuffer.wrap(id).getLong();
  }

  /** SHA-256 over the body as a JSON value. */
  byte[] bodyHash() {
    return bodyHash.clone();
  }

  boolean hasBody(byte[] hash) {
    return Arrays.equals(bodyHash, hash);
  }

  @Override
  public String toString() {
    return "IdempotentCall[" + caller + ' ' + route + ']';
  }
}
