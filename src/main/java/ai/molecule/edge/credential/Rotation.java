package ai.molecule.edge.credential;

import java.time.Instant;

/** A rotation, as a pure function: it may run again when the transaction has to. */
@FunctionalInterface
public interface Rotation {
  /**
   * The two keys after the rotation.
   *
   * @param current the key as it is, locked
   * @param now Postgres' clock after the lock was had
   * @throws ai.molecule.edge.problem.Problem to refuse
   */
  Rotated apply(KeyRecord current, Instant now);

  /**
   * A rotated key.
   *
   * @param predecessor the key that was rotated, with its successor's id; its version is seen to
   * @param successor the new key, of the same partner, org and lineage, with its version
   */
  record Rotated(KeyRecord predecessor, KeyRecord successor) {}
}
