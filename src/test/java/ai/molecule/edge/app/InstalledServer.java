package ai.molecule.edge.app;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server that somebody else wrote, if this machine has it, as a process of its own. */
final class InstalledServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final List<Path> DIRECTORIES =
      Stream.concat(
              Stream.of("/usr/sbin", "/usr/bin", "/usr/local/bin"),
              Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":")))
          .filter(each -> !each.isEmpty())
          .map(Path::of)
          .toList();

  private final Process process;

  private InstalledServer(Process process) {
    this.process = process;
  }

  /** The program of that name; without it the test is skipped, and says so. */
  static Path program(String name, Class<?> test) {
    Optional<Path> found =
        DIRECTORIES.stream()
            .map(where -> where.resolve(name))
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty()) {
      System.out.println(test.getSimpleName() + ": skipped, " + name + " is not installed");
    }
    assumeTrue(found.isPresent(), name + " is not installed");
    return found.get();
  }

  /** A port that nobody listens on. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /**
   * Starts it in {@code directory} and waits until it listens.
   *
   * @param output where its output goes
   */
  static InstalledServer start(
      Path program, Path directory, Path output, int port, String... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toList())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("HOME", directory.toString());
    Process process = builder.start();
    await()
        .atMost(PATIENCE)
        .failFast(
            () -> {
              if (!process.isAlive()) {
                throw new AssertionError(Files.readString(output));
              }
            })
        .until(() -> listens(port));
    return new InstalledServer(process);
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Ends it, and waits for its end. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
