package ai.molecule.edge.credential;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * When keys were last used on this node, and how many calls they were admitted with in which hour:
 * one cell a key, written by every event loop, read by the {@link LastUseFlusher} and emptied by
 * the {@link CallFlusher}. A touch costs a comparison, and one compare-and-set a millisecond and
 * key; a call one addition more. Nothing is allocated. Safe on any thread.
 */
public final class LastUse {
  /** Keys a node remembers between flushes unless it is told otherwise. */
  public static final int KEYS_MAX_DEFAULT = 1_000_000;

  private static final long HOUR_MILLIS = 3_600_000;

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

  /** Touches, and calls with them, that were lost because the registry was full. */
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

  /**
   * Takes the calls out that are in the registry: whoever takes them answers for them. A call is in
   * the hour it was made in when calls are taken out at least once an hour, else perhaps in a later
   * one.
   *
   * @param clock what time it is, in milliseconds of the epoch
   */
  List<CallTally> takeCalls(LongSupplier clock) {
    List<CallTally> taken = new ArrayList<>();
    for (Cell cell : cells.values()) {
      cell.takeCalls(clock, taken);
    }
    return taken;
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
      // Another cell of the key is in: it carries this one's touches and calls from now on.
      entered.takeOver(cell);
    }
  }

  /**
   * When one key was last used here, and its calls that nobody has taken out yet: those of even and
   * of odd hours of the epoch apart, so that the hour just over and the one begun are told apart
   * without looking at more than the call's own time. Shared by the event loops.
   */
  public final class Cell {
    private static final VarHandle LAST_MILLIS = handle("lastMillis");
    private static final VarHandle EVEN_CALLS = handle("evenCalls");
    private static final VarHandle ODD_CALLS = handle("oddCalls");

    private final UUID keyId;

    @SuppressWarnings("unused") // through LAST_MILLIS
    private volatile long lastMillis;

    @SuppressWarnings("unused") // through EVEN_CALLS
    private volatile long evenCalls;

    @SuppressWarnings("unused") // through ODD_CALLS
    private volatile long oddCalls;

    /** What Postgres has at least. Written by the flusher alone. */
    private volatile long flushedMillis;

    private volatile boolean outside = true;

    private Cell(UUID keyId) {
      this.keyId = keyId;
    }

    private static VarHandle handle(String field) {
      try {
        return MethodHandles.lookup().findVarHandle(Cell.class, field, long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    /**
     * The cell of the key that is in the registry, if there is another one: whoever holds on to a
     * cell outside pays for each touch with a look into the registry.
     */
    Cell settled() {
      if (!outside) {
        return this;
      }
      Cell inside = cells.get(keyId);
      return inside == null ? this : inside;
    }

    /** Notes a use at {@code nowMillis}, by the wall clock. Never moves back. */
    public void touch(long nowMillis) {
      if (advance(nowMillis) && outside) {
        enter(this);
      }
    }

    /** Notes a call admitted at {@code nowMillis}, by the wall clock: a use, and one call more. */
    public void admitted(long nowMillis) {
      add(isEven(nowMillis / HOUR_MILLIS) ? EVEN_CALLS : ODD_CALLS, 1);
      advance(nowMillis);
      // Looked at whether or not the time moved: a call is owed even within one millisecond.
      if (outside) {
        enter(this);
      }
    }

    private boolean advance(long nowMillis) {
      long seen = (long) LAST_MILLIS.getOpaque(this);
      while (nowMillis > seen) {
        // Not a plain write: the touch must be seen before `outside` is read, or a cell that is
        // leaving would take it along.
        if (LAST_MILLIS.compareAndSet(this, seen, nowMillis)) {
          return true;
        }
        seen = (long) LAST_MILLIS.getOpaque(this);
      }
      return false;
    }

    private void add(VarHandle calls, long added) {
      // As with the time, volatile: seen before `outside` is read.
      long before = (long) calls.getAndAdd(this, added);
      assert before >= 0;
    }

    private void takeOver(Cell other) {
      advance(other.lastMillis());
      add(EVEN_CALLS, (long) EVEN_CALLS.getAndSet(other, 0L));
      add(ODD_CALLS, (long) ODD_CALLS.getAndSet(other, 0L));
      if (outside) {
        enter(this);
      }
    }

    private void takeCalls(LongSupplier clock, List<CallTally> taken) {
      take(EVEN_CALLS, 0, clock, taken);
      take(ODD_CALLS, 1, clock, taken);
    }

    private void take(VarHandle calls, long parity, LongSupplier clock, List<CallTally> taken) {
      if ((long) calls.getOpaque(this) == 0) {
        return;
      }
      long count = (long) calls.getAndSet(this, 0L);
      // The clock is read after the calls were taken, so none of them is of an hour to come.
      long hour = clock.getAsLong() / HOUR_MILLIS;
      long hourOfCalls = (hour & 1) == parity ? hour : hour - 1;
      taken.add(new CallTally(keyId, hourOfCalls * HOUR_MILLIS, count));
    }

    private static boolean isEven(long hour) {
      return (hour & 1) == 0;
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
      if ((long) LAST_MILLIS.getVolatile(this) > flushedMillis
          || (long) EVEN_CALLS.getVolatile(this) != 0
          || (long) ODD_CALLS.getVolatile(this) != 0) {
        outside = false;
        return false;
      }
      return true;
    }
  }
}
