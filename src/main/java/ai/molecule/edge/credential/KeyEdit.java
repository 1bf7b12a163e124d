package ai.molecule.edge.credential;

import java.time.Instant;

/** A change of one key, as a pure function: it may run again when the transaction has to. */
@FunctionalInterface
public interface KeyEdit {
  /**
   * The key after the change. Its version, and what never changes of a key, are taken from {@code
   * current}.
   *
   * @param current the key as it is, locked
   * @param now Postgres' clock after the lock was had
   * @return {@code current} itself when there is nothing to change
   * @throws ai.molecule.edge.problem.Problem to refuse
   */
  KeyRecord apply(KeyRecord current, Instant now);
}
