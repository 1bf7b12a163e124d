package ai.molecule.edge.credential;

import org.jspecify.annotations.Nullable;

/**
 * One event loop's keys, by hash; a key not used lately makes room. What stands here is a hint
 * until somebody vouches for it: the Redis script, which compares versions, or the node's session.
 * Used on its event loop only.
 */
public final class KeyCache {
  private static final int GENERATION_STRIPES = 1024;

  private final LastUse lastUse;
  private final KeyTable entries;
  private final int[] generations = new int[GENERATION_STRIPES];
  private @Nullable Listener listener;

  /** Somebody who has to know when a key is dropped. Called on the cache's event loop. */
  public interface Listener {
    /** The key has changed. */
    void dropped(KeyHash hash);

    /** Any key may have changed. */
    void droppedAll();
  }

  /** An empty cache of at most {@code entriesMax} keys. */
  public KeyCache(int entriesMax, LastUse lastUse) {
    this.lastUse = lastUse;
    this.entries = new KeyTable(entriesMax);
  }

  /** From now on {@code told} is told. */
  public void tell(Listener told) {
    listener = told;
  }

  /** The key of {@code hash}, or null. */
  @Nullable CachedKey get(KeyHash hash) {
    return entries.get(hash);
  }

  /** What a read notes before it begins, and hands back with what it read. */
  int generation(KeyHash hash) {
    return generations[stripe(hash)];
  }

  /**
   * Installs what a read found, unless the key was dropped since the read began.
   *
   * @param endsNanos from when on the record's own time may be up
   * @return the entry that now stands for the key: the one installed, one of a later version that
   *     was there, or null when the key was dropped meanwhile
   */
  @Nullable CachedKey install(KeyRecord key, int generationBeforeRead, long endsNanos) {
    if (generation(key.hash()) != generationBeforeRead) {
      return null;
    }
    CachedKey held = entries.get(key.hash());
    if (held != null && held.record().version() >= key.version()) {
      return held;
    }
    CachedKey read = new CachedKey(key, lastUse.cell(key.id()), endsNanos);
    entries.put(read);
    return read;
  }

  /** Drops the key and makes every read of it that is under way worthless. */
  public void drop(KeyHash hash) {
    generations[stripe(hash)]++;
    entries.remove(hash);
    if (listener != null) {
      listener.dropped(hash);
    }
  }

  /** Drops everything, and makes every read under way worthless. */
  public void dropAll() {
    for (int i = 0; i < GENERATION_STRIPES; i++) {
      generations[i]++;
    }
    entries.clear();
    if (listener != null) {
      listener.droppedAll();
    }
  }

  /** Keys held; from another thread, about. */
  public int size() {
    return entries.size();
  }

  private static int stripe(KeyHash hash) {
    return (int) hash.b() & (GENERATION_STRIPES - 1);
  }
}
