package ai.molecule.edge.app.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A running store, known by its process id. It need not be a child of this JVM: a store outlives an
 * edge that was killed. Safe on any thread.
 */
final class ServerProcess {
  private static final Duration POLL = Duration.ofMillis(10);
  private static final Duration KILL_WAIT = Duration.ofSeconds(5);

  private final ProcessHandle handle;

  private ServerProcess(ProcessHandle handle) {
    this.handle = handle;
  }

  /** The live process whose id is the first line of {@code pidFile}, if there is one. */
  static Optional<ServerProcess> ofPidFile(Path pidFile) throws IOException {
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(pidFile)) {
      return lines
          .findFirst()
          .map(String::strip)
          .filter(line -> line.matches("[1-9][0-9]{0,9}"))
          .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)))
          .map(ServerProcess::new)
          .filter(ServerProcess::isRunning);
    }
  }

  long pid() {
    return handle.pid();
  }

  /**
   * Whether the program's file name starts with {@code name}: a guard against a process id that was
   * given to somebody else. False when the system does not tell.
   */
  boolean isProgram(String name) {
    return handle
        .info()
        .command()
        .map(command -> Path.of(command).getFileName().toString().startsWith(name))
        .orElse(false);
  }

  /** Sends a signal such as {@code INT}, which Java's own process API cannot. */
  void signal(String name) throws IOException {
    signal(name, List.of(handle));
  }

  /** Sends a signal to the process and then to all its descendants. */
  void signalTree(String name) throws IOException {
    signal(name, Stream.concat(Stream.of(handle), handle.descendants()).toList());
  }

  private static void signal(String name, List<ProcessHandle> targets) throws IOException {
    StringBuilder command = new StringBuilder("kill -").append(name);
    targets.forEach(target -> command.append(' ').append(target.pid()));
    Process kill =
        new ProcessBuilder("sh", "-c", command.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      kill.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while signalling process " + targets.getFirst().pid(), e);
    }
  }

  /** Waits for the end of the process; false when it is still there after {@code patience}. */
  boolean awaitExit(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (isRunning()) {
      if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      // ProcessHandle.onExit asks every few seconds about a process that is no child.
      LockSupport.parkNanos(POLL.toNanos());
    }
    return true;
  }

  /** Alive and no zombie, which a container without an init process keeps for ever. */
  private boolean isRunning() {
    if (!handle.isAlive()) {
      return false;
    }
    Path stat = Path.of("/proc", Long.toString(handle.pid()), "stat");
    try {
      return !Files.exists(stat) || !Files.readString(stat).contains(") Z ");
    } catch (IOException e) {
      return handle.isAlive();
    }
  }

  /**
   * Ends the process by {@code signal}; by SIGKILL, descendants included, when that does not help
   * within {@code patience}.
   */
  void end(String signal, Duration patience) throws IOException {
    List<ProcessHandle> descendants = handle.descendants().toList();
    signal(signal);
    if (awaitExit(patience)) {
      return;
    }
    signalTree("KILL");
    if (!awaitExit(KILL_WAIT)) {
      throw new IOException("process " + handle.pid() + " does not end");
    }
    for (ProcessHandle descendant : descendants) {
      new ServerProcess(descendant).awaitExit(KILL_WAIT);
    }
  }
}
