package ai.molecule.edge.credential.model;

/** Fingerprints seen: a set of longs with open addressing. For one thread. */
final class LongSet {
  private long[] table = new long[1 << 16];
  private int size;

  /** Adds {@code value}; false when it was there. */
  boolean add(long value) {
    long stored = value == 0 ? 1 : value;
    if (size * 2 > table.length) {
      grow();
    }
    if (!insert(table, stored)) {
      return false;
    }
    size++;
    return true;
  }

  int size() {
    return size;
  }

  private static boolean insert(long[] table, long value) {
    int mask = table.length - 1;
    int at = (int) (value ^ (value >>> 32)) & mask;
    while (table[at] != 0) {
      if (table[at] == value) {
        return false;
      }
      at = (at + 1) & mask;
    }
    table[at] = value;
    return true;
  }

  private void grow() {
    long[] larger = new long[table.length * 2];
    for (long value : table) {
      if (value != 0) {
        insert(larger, value);
      }
    }
    table = larger;
  }
}
