package ai.molecule.edge.controlplane.idempotency;

import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Answer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a call that made something: 201, where it is, and what it is. {@code toString}
 * shows no secret.
 *
 * @param location the path of what was made
 * @param body what was made, without its secret
 * @param secret what is shown this once, or null
 * @param scopes what one must have to be told this again, beyond the route's scope
 * @param outboxId the change that must be known everywhere before this is said again; 0 for none
 */
public record Creation(
    String location, JsonObject body, @Nullable Secret secret, ScopeSet scopes, long outboxId) {
  static final int STATUS = 201;

  /**
   * A secret in an answer.
   *
   * @param member where it stands, such as {@code key}
   */
  public record Secret(String member, String value) {
    @Override
    public String toString() {
      return "Secret[" + member + ']';
    }
  }

  /** Something without a secret, made in one transaction and nowhere else. */
  public static Creation of(String location, JsonObject body) {
    return new Creation(location, body, null, ScopeSet.NONE, 0);
  }

  /** This, with a secret as its last member. */
  public Creation showing(String member, String value) {
    return new Creation(location, body, new Secret(member, value), scopes, outboxId);
  }

  /** This, said again only to who has those scopes. */
  public Creation needing(ScopeSet needed) {
    return new Creation(location, body, secret, needed, outboxId);
  }

  /** This, said again only once that change is known on every node. */
  public Creation after(long change) {
    return new Creation(location, body, secret, scopes, change);
  }

  /** What the first call is answered. */
  public Answer answer() {
    Answer answer = new Answer(STATUS, shown(), Map.of("Location", location));
    return secret == null ? answer : answer.noStore();
  }

  /** The body with the secret. */
  Buffer shown() {
    return secret == null ? body.toBuffer() : with(secret.member(), secret.value());
  }

  /** The body with null in the secret's place. */
  Buffer lasting() {
    return secret == null ? body.toBuffer() : with(secret.member(), null);
  }

  private Buffer with(String member, @Nullable String value) {
    return new JsonObject(new LinkedHashMap<>(body.getMap())).put(member, value).toBuffer();
  }
}
