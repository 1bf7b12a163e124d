package ai.molecule.edge.app;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * SIGINT and SIGTERM: the first one asks for an orderly stop, the same one again ends the process
 * at once. Different ones do not add up, since a build tool sends SIGTERM on to a process that has
 * already had Ctrl-C from the terminal. SIGHUP asks for a look at the files that may change while a
 * node runs.
 */
final class Signals {
  /** When true, the end of the process that started this one asks for a stop too. */
  static final String EXIT_WITH_PARENT_PROPERTY = "edge.exitWithParent";

  private static final List<String> NAMES = List.of("INT", "TERM");

  private final AtomicBoolean asked = new AtomicBoolean();
  private final Map<String, Boolean> seen = new ConcurrentHashMap<>();
  private final Runnable stop;

  private Signals(Runnable stop) {
    this.stop = stop;
  }

  /**
   * From now on signals to stop run {@code stop}, once and on a thread of its own, and SIGHUP runs
   * {@code reload}.
   */
  static void handle(Runnable stop, Runnable reload) {
    Signals signals = new Signals(stop);
    for (String name : NAMES) {
      Signal.handle(new Signal(name), signal -> signals.arrived(signal.getName()));
    }
    Signal.handle(new Signal("HUP"), signal -> reload.run());
    if (Boolean.getBoolean(EXIT_WITH_PARENT_PROPERTY)) {
      ProcessHandle.current()
          .parent()
          .ifPresent(parent -> parent.onExit().thenRun(() -> signals.arrived("parent")));
    }
  }

  private void arrived(String name) {
    if (seen.put(name, true) != null) {
      Runtime.getRuntime().halt(ExitCode.FORCED);
    }
    if (asked.compareAndSet(false, true)) {
      new Thread(stop, "stop").start();
    }
  }
}
