package ai.molecule.edge.redis;

import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * Stops asking a server that does not answer. Closed: everything passes. Open: nothing passes for a
 * while. Half open: one probe at a time passes, and its outcome decides. Used on one event loop;
 * {@link #state} may be read anywhere.
 */
public final class CircuitBreaker {
  /** Whether calls pass. */
  public enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  private final int failuresToOpen;
  private final long openNanos;
  private final LongSupplier nanoTime;
  private BiConsumer<State, State> listener = (from, to) -> {};
  private volatile State state = State.CLOSED;
  private int failuresInARow;
  private long openedAtNanos;
  private boolean probing;

  /** A closed breaker. */
  public CircuitBreaker(int failuresToOpen, Duration open, LongSupplier nanoTime) {
    this.failuresToOpen = failuresToOpen;
    this.openNanos = open.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Calls {@code listener} with the old and the new state of every transition. */
  public void onTransition(BiConsumer<State, State> listener) {
    this.listener = listener;
  }

  /** Whether a call may go out now. If so its outcome must be reported. */
  public boolean tryPass() {
    return switch (state) {
      case CLOSED -> true;
      case OPEN -> nanoTime.getAsLong() - openedAtNanos >= openNanos && probe();
      case HALF_OPEN -> probe();
    };
  }

  private boolean probe() {
    become(State.HALF_OPEN);
    if (probing) {
      return false;
    }
    probing = true;
    return true;
  }

  /**
   * Reports a call that was answered. One that passed before the breaker opened changes nothing.
   */
  public void succeeded() {
    failuresInARow = 0;
    if (state == State.HALF_OPEN) {
      reset();
    }
  }

  /** Reports a call that was not answered. */
  public void failed() {
    if (state == State.OPEN) {
      return;
    }
    failuresInARow++;
    if (state == State.HALF_OPEN || failuresInARow >= failuresToOpen) {
      trip();
    }
  }

  /** Opens it now: the server is known to be away. */
  public void trip() {
    openedAtNanos = nanoTime.getAsLong();
    probing = false;
    failuresInARow = 0;
    become(State.OPEN);
  }

  /** Closes it now: the server is known to answer. */
  public void reset() {
    probing = false;
    failuresInARow = 0;
    become(State.CLOSED);
  }

  /** Whether calls pass now; open until the next call is tried. */
  public State state() {
    return state;
  }

  private void become(State next) {
    State previous = state;
    if (previous != next) {
      state = next;
      listener.accept(previous, next);
    }
  }
}
