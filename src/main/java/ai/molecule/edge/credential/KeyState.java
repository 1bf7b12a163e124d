package ai.molecule.edge.credential;

import ai.molecule.edge.problem.ProblemCode;
import java.util.Optional;

/**
 * Whether a key may be used now. The ordinals are fixed for ever: they are stored in Redis records
 * and known to the Lua scripts.
 */
public enum KeyState {
  ACTIVE,
  REVOKED(ProblemCode.KEY_REVOKED),
  DISABLED(ProblemCode.KEY_DISABLED),
  ROTATED(ProblemCode.KEY_ROTATED),
  ORG_SUSPENDED(ProblemCode.ORG_SUSPENDED),
  EXPIRED(ProblemCode.KEY_EXPIRED);

  private final Optional<ProblemCode> refusal;

  KeyState() {
    this.refusal = Optional.empty();
  }

  KeyState(ProblemCode refusal) {
    this.refusal = Optional.of(refusal);
  }

  /** The code with which a key in this state is refused; empty when it may be used. */
  public Optional<ProblemCode> refusal() {
    return refusal;
  }

  /** The state with that ordinal; a state this version does not know refuses, as revoked. */
  public static KeyState ofOrdinal(int ordinal) {
    return ordinal >= 0 && ordinal < values().length ? values()[ordinal] : REVOKED;
  }
}
