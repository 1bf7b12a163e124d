package ai.molecule.edge.credential.coherence;

import ai.molecule.edge.credential.KeyHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a notification tells the nodes to forget.
 *
 * @param changeId names the change; confirmations carry it
 * @param hashes the keys, at most {@value #HASHES_MAX}
 */
public record Invalidation(UUID changeId, List<KeyHash> hashes) {
  /** Keys in one notification at most: Postgres carries payloads under 8000 bytes. */
  public static final int HASHES_MAX = 128;

  public Invalidation {
    if (hashes.size() > HASHES_MAX) {
      throw new IllegalArgumentException("too many keys for one notification: " + hashes.size());
    }
  }

  /** As the payload of a notification: the change id and the hashes, separated by spaces. */
  public String payload() {
    StringBuilder text = new StringBuilder(changeId.toString());
    hashes.forEach(hash -> text.append(' ').append(hash.base64Url()));
    return text.toString();
  }

  /** The invalidation of that payload, or empty when it is none. */
  public static Optional<Invalidation> parse(String payload) {
    String[] words = payload.split(" ");
    try {
      List<KeyHash> hashes = new ArrayList<>();
      Arrays.stream(words).skip(1).map(KeyHash::ofBase64Url).forEach(hashes::add);
      return Optional.of(new Invalidation(UUID.fromString(words[0]), hashes));
    } catch (IllegalArgumentException broken) {
      return Optional.empty();
    }
  }
}
