package ai.molecule.edge.controlplane.idempotency;

import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Answer;

/** What is known of a call under an Idempotency-Key. */
public sealed interface Remembered {
  /** Nothing: it is the first, or the first is still at work. */
  record Nothing() implements Remembered {}

  /** There was one under this key with another body. */
  record OtherBody() implements Remembered {}

  /**
   * It was done.
   *
   * @param answer what was answered, without the secret once that is forgotten
   * @param scopes what one must have to be told
   * @param outboxId the change that must be known everywhere first; 0 for none
   */
  record Done(Answer answer, ScopeSet scopes, long outboxId) implements Remembered {}
}
