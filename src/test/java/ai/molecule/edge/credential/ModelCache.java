package ai.molecule.edge.credential;

import io.vertx.core.buffer.Buffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** What the model of the revocation protocol sees of a {@link KeyCache}, and does to it. */
public final class ModelCache {
  private static final VarHandle GENERATIONS;
  private static final VarHandle TOKENS;
  private static final VarHandle NEXT_TOKENS;

  static {
    try {
      var cache = MethodHandles.privateLookupIn(KeyCache.class, MethodHandles.lookup());
      var entry = MethodHandles.privateLookupIn(CachedKey.class, MethodHandles.lookup());
      GENERATIONS = cache.findVarHandle(KeyCache.class, "generations", int[].class);
      TOKENS = entry.findVarHandle(CachedKey.class, "tokens", long.class);
      NEXT_TOKENS = entry.findVarHandle(CachedKey.class, "nextTokens", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private ModelCache() {}

  /** The generation that a read of {@code hash} would note. */
  public static int generation(KeyCache cache, KeyHash hash) {
    return cache.generation(hash);
  }

  /** The version held of {@code hash}; 0 for none. */
  public static int version(KeyCache cache, KeyHash hash) {
    CachedKey entry = cache.get(hash);
    return entry == null ? 0 : (int) entry.record().version();
  }

  /** Leased tokens held for {@code hash}. */
  public static int tokens(KeyCache cache, KeyHash hash) {
    CachedKey entry = cache.get(hash);
    return entry == null ? 0 : (int) ((long) TOKENS.get(entry) + (long) NEXT_TOKENS.get(entry));
  }

  /** The record as it stands in Redis. */
  public static Buffer encode(KeyRecord key) {
    return KeyRecordCodec.encode(key);
  }

  /** What {@link KeyCache#dropAll} would be if it forgot the reads under way. */
  public static void dropEntriesAlone(KeyCache cache) {
    int[] generations = (int[]) GENERATIONS.get(cache);
    int[] before = generations.clone();
    cache.dropAll();
    System.arraycopy(before, 0, generations, 0, before.length);
  }
}
