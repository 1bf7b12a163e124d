package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.local.Ports;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The edge in a process of its own, as a user starts it, with its output in files. */
final class EdgeProcess implements AutoCloseable {
  private static final int SECONDS_MAX = 60;

  private final Process process;
  private final Path out;
  private final Path err;
  private final int managementPort;

  private EdgeProcess(Process process, Path out, Path err, int managementPort) {
    this.process = process;
    this.out = out;
    this.err = err;
    this.managementPort = managementPort;
  }

  /** Starts it on free ports. */
  static EdgeProcess start(Path directory, Map<String, String> environment, String... arguments) {
    return start(directory, environment, jar -> true, arguments);
  }

  /** As above, with only those entries of the class path that pass. */
  static EdgeProcess start(
      Path directory,
      Map<String, String> environment,
      Predicate<String> classPathEntries,
      String... arguments) {
    return start(directory, environment, classPathEntries, List.of(), List.of(), arguments);
  }

  /**
   * Starts it as a child of a shell, told to end with its parent. {@link #kill} kills the shell;
   * the edge is its only child.
   */
  static EdgeProcess startUnderAParent(Path directory, Map<String, String> environment) {
    return start(
        directory,
        environment,
        jar -> true,
        List.of("sh", "-c", "\"$@\" & wait", "sh"),
        List.of("-D" + Signals.EXIT_WITH_PARENT_PROPERTY + "=true"));
  }

  private static EdgeProcess start(
      Path directory,
      Map<String, String> environment,
      Predicate<String> classPathEntries,
      List<String> parent,
      List<String> flags,
      String... arguments) {
    try {
      String classPath =
          Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
              .filter(classPathEntries)
              .collect(Collectors.joining(File.pathSeparator));
      List<String> command = new ArrayList<>(parent);
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(flags);
      command.addAll(
          List.of(
              "--sun-misc-unsafe-memory-access=allow",
              "--enable-native-access=ALL-UNNAMED",
              "-Xmx256m",
              "-cp",
              classPath,
              Main.class.getName()));
      command.addAll(List.of(arguments));
      Path out = Files.createTempFile(directory, "out", ".txt");
      Path err = Files.createTempFile(directory, "err", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      int managementPort = Ports.scattered();
      builder.environment().keySet().removeIf(name -> name.startsWith("EDGE_"));
      builder.environment().put("EDGE_HTTP_PORT", Integer.toString(Ports.scattered()));
      builder.environment().put("EDGE_MANAGEMENT_PORT", Integer.toString(managementPort));
      builder.environment().putAll(environment);
      return new EdgeProcess(builder.start(), out, err, managementPort);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for its end and answers the exit code. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
      throw new AssertionError("still running; it said: " + out() + err());
    }
    return process.exitValue();
  }

  /** Whether it says it is ready. */
  boolean isReady() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + managementPort + "/health/ready");
      return client
              .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Waits until it is ready and has said so. */
  void awaitReady() {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              assertThat(isAlive()).describedAs(out() + err()).isTrue();
              // The words come a moment after the readiness.
              String said = out();
              return isReady()
                  && (said.contains("Partner Edge is ready:")
                      || said.contains("Ctrl-C stops this"));
            });
  }

  /** The processes that it started. */
  List<ProcessHandle> children() {
    return process.children().toList();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it printed on standard output. */
  String out() {
    return read(out);
  }

  /** What it printed on standard error. */
  String err() {
    return read(err);
  }

  /** The value of a line {@code name=value} that it printed. */
  String printed(String name) {
    return out()
        .lines()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no line " + name + "= in " + out() + err()));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The status of a list of keys, asked of a node on named stores with that admin token. */
  int listingKeys(String token) throws IOException, InterruptedException {
    String address = out().replaceFirst("(?s).*is ready: (\\S+).*", "$1");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address + "/cp/admin/partner-keys"))
            .header("Authorization", "Bearer " + token)
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  /** SIGHUP. */
  void hangUp() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** SIGTERM and, if that does not end it, SIGKILL. */
  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
