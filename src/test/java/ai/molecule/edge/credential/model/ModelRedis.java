package ai.molecule.edge.credential.model;

/** Redis with one record: what the two scripts do, as far as the protocol depends on it. */
final class ModelRedis {
  private final boolean blind;
  private final boolean credulous;
  int incarnation = 1;
  private int version;
  private int writtenUnder;

  /** Whether the active version was ever written. */
  boolean wasActive;

  /** Set once a write has replaced a version by a lower one. */
  boolean wentBack;

  ModelRedis(Mutant mutant) {
    this.blind = mutant == Mutant.PUT_IGNORES_VERSIONS;
    this.credulous = mutant == Mutant.RECORD_OF_ANY_INCARNATION;
  }

  /** The version that a script sees; 0 for none. */
  int visible() {
    return credulous || writtenUnder == incarnation ? version : 0;
  }

  /** The version of a record that an earlier incarnation has left behind; 0 for none. */
  int left() {
    return writtenUnder == incarnation ? 0 : version;
  }

  /** Writes a version under the incarnation of now, unless a higher one is visible. */
  boolean put(int written) {
    if (visible() > written && !blind) {
      return false;
    }
    wentBack |= visible() > written;
    wasActive |= written == 1;
    version = written;
    writtenUnder = incarnation;
    return true;
  }

  /** Another server is promoted, to which nothing but the oldest write had got through. */
  void loseMemory() {
    incarnation++;
    version = wasActive ? 1 : 0;
  }

  /** The record was not used for as long as it is kept. */
  void expire() {
    version = 0;
  }
}
