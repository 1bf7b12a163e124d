package ai.molecule.edge.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A line on a terminal that is written over again and again while something takes longer than a
 * second, and wiped in the end. Without a terminal it says nothing.
 */
final class ProgressLine implements AutoCloseable {
  private static final long QUIET_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long PACE_NANOS = Duration.ofMillis(100).toNanos();
  private static final String TO_LINE_START_AND_WIPE = "\r\u001b[K";

  private final PrintWriter err;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private long nextNanos;
  private boolean shown;

  ProgressLine(PrintWriter err, boolean terminal, LongSupplier nanoTime) {
    this.err = err;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.nextNanos = nanoTime.getAsLong() + QUIET_NANOS;
  }

  /** On the error stream of a command. */
  static ProgressLine on(PrintWriter err) {
    return new ProgressLine(err, isTerminal(), System::nanoTime);
  }

  /** Whether a person watches: both standard input and output are a terminal. */
  static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Shows how far it has come, if it is time to. */
  void show(String text) {
    if (!terminal) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (now - nextNanos >= 0) {
      nextNanos = now + PACE_NANOS;
      shown = true;
      err.print(TO_LINE_START_AND_WIPE + text);
      err.flush();
    }
  }

  /** Wipes the line. Calling again does nothing. */
  @Override
  public void close() {
    if (shown) {
      shown = false;
      err.print(TO_LINE_START_AND_WIPE);
      err.flush();
    }
  }
}
