package ai.molecule.edge.edge;

import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deadlines of one event loop's requests, looked at every few milliseconds as long as there are
 * any: a timer for each request would cost more than the look at all of them. Used on its event
 * loop only.
 */
final class Deadlines {
  private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);
  private static final long PERIOD_MILLIS = 10;

  private final Vertx vertx;
  private final Entry ring = new Ring();
  private boolean ticking;

  Deadlines(Vertx vertx) {
    this.vertx = vertx;
    ring.next = ring;
    ring.previous = ring;
  }

  /** Something that has a deadline. */
  abstract static class Entry {
    private @Nullable Entry next;
    private @Nullable Entry previous;
    private long atNanos;

    /** The deadline has passed; it has been forgotten. */
    abstract void expired();
  }

  private static final class Ring extends Entry {
    @Override
    void expired() {}
  }

  /** Calls {@code entry} that many milliseconds after {@code nowNanos}, or a little later. */
  void add(Entry entry, long nowNanos, long millis) {
    entry.atNanos = nowNanos + millis * 1_000_000;
    Entry last = ring.previous;
    entry.previous = last;
    entry.next = ring;
    ring.previous = entry;
    if (last != null) {
      last.next = entry;
    }
    if (!ticking) {
      ticking = true;
      vertx.setTimer(PERIOD_MILLIS, tick -> tick());
    }
  }

  /** Forgets the deadline, if there is one. */
  void remove(Entry entry) {
    Entry next = entry.next;
    Entry previous = entry.previous;
    if (next != null && previous != null) {
      previous.next = next;
      next.previous = previous;
      entry.next = null;
      entry.previous = null;
    }
  }

  /** What fails at its own deadline does not keep others from theirs. */
  private static void expire(Entry entry) {
    try {
      entry.expired();
    } catch (RuntimeException defect) {
      LOG.error("a deadline was not taken", defect);
    }
  }

  private void tick() {
    long now = System.nanoTime();
    Entry entry = ring.next;
    while (entry != null && entry != ring) {
      Entry next = entry.next;
      if (now - entry.atNanos >= 0) {
        remove(entry);
        expire(entry);
        // Others may have gone meanwhile: a removed entry leads nowhere.
        next = next != null && next.next != null ? next : ring.next;
      }
      entry = next;
    }
    ticking = ring.next != ring;
    if (ticking) {
      vertx.setTimer(PERIOD_MILLIS, tick -> tick());
    }
  }
}
