package ai.molecule.edge.credential.coherence;

import java.util.Optional;
import java.util.UUID;

/**
 * A node's word that it forgot what a change told it to.
 *
 * @param changeId the change
 * @param sessionId the node's session when it forgot
 */
public record Confirmation(UUID changeId, UUID sessionId) {
  /** As the payload of a notification. */
  public String payload() {
    return changeId + " " + sessionId;
  }

  /** The confirmation of that payload, or empty when it is none. */
  public static Optional<Confirmation> parse(String payload) {
    String[] words = payload.split(" ");
    try {
      return words.length == 2
          ? Optional.of(new Confirmation(UUID.fromString(words[0]), UUID.fromString(words[1])))
          : Optional.empty();
    } catch (IllegalArgumentException broken) {
      return Optional.empty();
    }
  }
}
