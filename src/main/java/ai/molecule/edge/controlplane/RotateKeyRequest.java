package ai.molecule.edge.controlplane;

import java.time.Duration;
import java.util.Set;

/**
 * What the body of a rotation asks for; it may be absent.
 *
 * @param grace how long both secrets work; zero ends the old one at once
 */
record RotateKeyRequest(Duration grace) {
  static final int GRACE_SECONDS_DEFAULT = 86_400;
  static final int GRACE_SECONDS_MAX = 604_800;

  /** Reads a body; throws {@code invalid_request} with everything that is wrong. */
  static RotateKeyRequest parse(JsonBody json) {
    BodyMembers body = BodyMembers.of(json, Set.of("grace_seconds"));
    Integer seconds = body.integer("grace_seconds", 0, GRACE_SECONDS_MAX);
    body.throwIfWrong();
    return new RotateKeyRequest(
        Duration.ofSeconds(seconds == null ? GRACE_SECONDS_DEFAULT : seconds));
  }
}
