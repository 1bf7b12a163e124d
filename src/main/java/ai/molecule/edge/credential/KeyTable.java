package ai.molecule.edge.credential;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A bounded map from key hashes to cached keys that allocates nothing on a look-up: open addressing
 * with linear probing, entries found by the hash's own first bits. When it is full, the second
 * chance goes round: an entry looked up since the hand last passed stays, the next one goes. Used
 * on one event loop only.
 */
final class KeyTable {
  private static final int SLOTS_MIN = 64;

  private final int entriesMax;
  private @Nullable CachedKey[] slots = new CachedKey[SLOTS_MIN];
  private int size;
  private int hand;

  KeyTable(int entriesMax) {
    this.entriesMax = Math.max(1, entriesMax);
  }

  int size() {
    return size;
  }

  /** The entry of {@code hash}, which counts as used, or null. */
  @Nullable CachedKey get(KeyHash hash) {
    CachedKey entry = slots[find(hash)];
    if (entry != null) {
      entry.used = true;
    }
    return entry;
  }

  /** Puts the entry in the place of the one with the same hash, or beside the others. */
  void put(CachedKey entry) {
    int slot = find(entry.record().hash());
    if (slots[slot] == null) {
      if (size >= entriesMax) {
        evict();
      } else if ((size + 1) * 2 > slots.length) {
        grow();
      }
      slot = find(entry.record().hash());
      size++;
    }
    entry.used = true;
    slots[slot] = entry;
  }

  void remove(KeyHash hash) {
    int slot = find(hash);
    if (slots[slot] != null) {
      removeAt(slot);
    }
  }

  void clear() {
    Arrays.fill(slots, null);
    size = 0;
  }

  /** The slot that holds {@code hash}, or the free one where it would go. */
  private int find(KeyHash hash) {
    int mask = slots.length - 1;
    int slot = home(hash.a(), mask);
    while (true) {
      CachedKey entry = slots[slot];
      if (entry == null || entry.isOf(hash)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  private static int home(long hashA, int mask) {
    return (int) hashA & mask;
  }

  /** Closes the gap, so that no probe ends early (Knuth, TAOCP 6.4, algorithm R). */
  private void removeAt(int removed) {
    int mask = slots.length - 1;
    int gap = removed;
    int slot = removed;
    while (true) {
      slot = (slot + 1) & mask;
      CachedKey entry = slots[slot];
      if (entry == null) {
        break;
      }
      int home = home(entry.hashA(), mask);
      boolean reachable = gap <= slot ? gap < home && home <= slot : gap < home || home <= slot;
      if (!reachable) {
        slots[gap] = entry;
        gap = slot;
      }
    }
    slots[gap] = null;
    size--;
  }

  private void evict() {
    int mask = slots.length - 1;
    while (true) {
      hand = (hand + 1) & mask;
      CachedKey entry = slots[hand];
      if (entry == null) {
        continue;
      }
      if (!entry.used) {
        removeAt(hand);
        return;
      }
      entry.used = false;
    }
  }

  private void grow() {
    @Nullable CachedKey[] old = slots;
    slots = new CachedKey[old.length * 2];
    for (CachedKey entry : old) {
      if (entry != null) {
        slots[find(entry.record().hash())] = entry;
      }
    }
  }
}
