package ai.molecule.edge.credential;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * When keys were last used on this node: one cell a key, written by every event loop and read by
 * the {@link LastUseFlusher}. A touch costs a comparison, and one compare-and-set a millisecond and
 * key. Safe on any thread.
 */
public final class LastUse {
  /** Keys a node remembers between flushes unless it is told otherwise. */
  public static final int KEYS_MAX_DEFAULT = 1_000_000;

  private final int keysMax;
  private final ConcurrentHashMap<UUID, Cell> cells = new ConcurrentHashMap<>();
  private final LongAdder overflowed = new LongAdder();

  /**
   * An empty registry.
   *
   * @param keysMax keys it holds at most; touches of further keys are lost, and counted, until idle
   *     ones have left
   */
  public LastUse(int keysMax) {
    this.keysMax = keysMax;
  }

  /** The cell of a key. It may be kept: touches count even after the cell left the registry. */
  public Cell cell(UUID keyId) {
    Cell known = cells.get(keyId);
    return known == null ? new Cell(keyId) : known;
  }

  /** Keys in the registry. */
  public int size() {
    return cells.size();
  }

  /** Touches that were lost because the registry was full. */
  public long overflowed() {
    return overflowed.sum();
  }

  /** The cells whose last use is not in Postgres yet. */
  List<Cell> unflushed() {
    List<Cell> unflushed = new ArrayList<>();
    for (Cell cell : cells.values()) {
      if (cell.lastMillis() > cell.flushedMillis) {
        unflushed.add(cell);
      }
    }
    return unflushed;
  }

  /** Lets the cells go that were not touched after {@code millis} and owe nothing. */
  void dropIdleSince(long millis) {
    for (Cell cell : cells.values()) {
      if (cell.lastMillis() <= millis) {
        cells.computeIfPresent(cell.keyId, (id, current) -> current.leaves() ? null : current);
      }
    }
  }

  /** Takes a cell in that is outside; its touches are then part of the next flush. */
  private void enter(Cell cell) {
    if (cells.size() >= keysMax && !cells.containsKey(cell.keyId)) {
      overflowed.increment();
      return;
    }
    Cell entered =
        cells.compute(
            cell.keyId,
            (id, current) -> {
              if (current != null && current != cell) {
                return current;
              }
              cell.outside = false;
              return cell;
            });
    if (entered != cell) {
      // Another cell of the key is in: it carries this one's touches from now on.
      entered.touch(cell.lastMillis());
    }
  }

  /** When one key was last used here. Shared by the event loops. */
  public final class Cell {
    private static final VarHandle LAST_MILLIS = lastMillisHandle();

    private final UUID keyId;

    @SuppressWarnings("unused") // through LAST_MILLIS
    private volatile long lastMillis;

    /** What Postgres has at least. Written by the flusher alone. */
    private volatile long flushedMillis;

    private volatile boolean outside = true;

    private Cell(UUID keyId) {
      this.keyId = keyId;
    }

    private static VarHandle lastMillisHandle() {
      try {
        return MethodHandles.lookup().findVarHandle(Cell.class, "lastMillis", long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    /** Notes a use at {@code nowMillis}, by the wall clock. Never moves back. */
    public void touch(long nowMillis) {
      long seen = (long) LAST_MILLIS.getOpaque(this);
      while (nowMillis > seen) {
        // Not a plain write: the touch must be seen before `outside` is read, or a cell that is
        // leaving would take it along.
        if (LAST_MILLIS.compareAndSet(this, seen, nowMillis)) {
          if (outside) {
            enter(this);
          }
          return;
        }
        seen = (long) LAST_MILLIS.getOpaque(this);
      }
    }

    /** The last use here in milliseconds of the epoch; 0 when there was none. */
    public long lastMillis() {
      return (long) LAST_MILLIS.getOpaque(this);
    }

    UUID keyId() {
      return keyId;
    }

    /** Postgres has {@code millis}. */
    void flushed(long millis) {
      flushedMillis = Math.max(flushedMillis, millis);
    }

    /** Under the registry's lock on the key: goes outside, unless a touch came in between. */
    private boolean leaves() {
      outside = true;
      if ((long) LAST_MILLIS.getVolatile(this) > flushedMillis) {
        outside = false;
        return false;
      }
      return true;
    }
  }
}
