package ai.molecule.edge.credential.model;

/** The session table and the key's row. Sessions are numbers below 63, sets of them masks. */
final class ModelPostgres {
  static final int LENGTH = 2;

  int keyVersion = 1;
  private long rows;
  private long fenced;
  private long locked;
  private final int[] endsAt = new int[63];

  long rows() {
    return rows;
  }

  boolean isFenced(int session) {
    return (fenced & bit(session)) != 0;
  }

  int endsAt(int session) {
    return endsAt[session];
  }

  boolean isLocked(long sessions) {
    return (locked & sessions & rows) != 0;
  }

  boolean isAlive(int session, int now) {
    return (rows & bit(session)) != 0 && endsAt[session] > now;
  }

  long alive(int now) {
    long alive = 0;
    for (long left = rows; left != 0; left &= left - 1) {
      int session = Long.numberOfTrailingZeros(left);
      alive |= isAlive(session, now) ? bit(session) : 0;
    }
    return alive;
  }

  void insert(int session, int ends, int replaced) {
    if (replaced >= 0) {
      delete(replaced);
    }
    rows |= bit(session);
    endsAt[session] = ends;
  }

  void lock(int session) {
    locked |= bit(session);
  }

  void prolong(int session, int ends) {
    locked &= ~bit(session);
    endsAt[session] = ends;
  }

  void fence(int session) {
    fenced |= rows & bit(session);
  }

  /** Lets go of rows that are over: nobody can tell them from missing ones. */
  void sweep(int now) {
    for (long left = rows & ~locked; left != 0; left &= left - 1) {
      int session = Long.numberOfTrailingZeros(left);
      if (endsAt[session] <= now) {
        delete(session);
      }
    }
  }

  private void delete(int session) {
    rows &= ~bit(session);
    fenced &= ~bit(session);
  }

  static long bit(int session) {
    return 1L << session;
  }
}
