package ai.molecule.edge.app.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import redis.embedded.RedisExecProvider;

/**
 * One Redis server on the loopback address, in memory only: it starts empty, and refuses to write
 * rather than evict. It runs in a session of its own, so that Ctrl-C reaches the edge first.
 *
 * <p>A server that was left running by a killed edge is taken over when it answers, and ended when
 * it does not. Not thread-safe; every call blocks.
 */
public final class RedisServer implements AutoCloseable {
  private static final String PROGRAM = "redis-server";
  private static final Duration START_WAIT = Duration.ofSeconds(10);
  private static final Duration STOP_WAIT = Duration.ofSeconds(5);
  private static final int PROBE_TIMEOUT_MILLIS = 1_000;
  private static final int STARTS_TRIED = 3;

  private final Path directory;
  private final Path program;
  private final int port;

  private RedisServer(Path directory, Path program, int port) {
    this.directory = directory;
    this.program = program;
    this.port = port;
  }

  /**
   * Starts a server, or takes over the one that still runs on this directory.
   *
   * @param directory where its configuration, log and process id are or will be
   * @param binaries where the program is unpacked; shared between servers
   * @param portFrom the first port to try; the one found is remembered in the directory
   * @param progress told, in words, what takes long
   */
  public static RedisServer start(
      Path directory, Path binaries, int portFrom, Consumer<String> progress) throws IOException {
    Path home = Files.createDirectories(directory).toRealPath();
    Optional<ServerProcess> leftover = ServerProcess.ofPidFile(home.resolve("redis.pid"));
    Path portFile = home.resolve("port");
    Path program = program(binaries.toAbsolutePath());
    if (leftover.isPresent() && Files.exists(portFile)) {
      int port = Integer.parseInt(Files.readString(portFile).strip());
      RedisServer running = new RedisServer(home, program, port);
      if (running.answersFromHere()) {
        progress.accept("taking over the Redis that is still running on port " + port);
        return running;
      }
      endLeftover(home);
    }
    IOException last = new IOException("Redis was not started");
    for (int i = 0; i < STARTS_TRIED; i++) {
      int port = Ports.remembered(portFile, portFrom);
      RedisServer server = new RedisServer(home, program, port);
      progress.accept("starting Redis on port " + port);
      try {
        server.launch();
        return server;
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  /** Ends the server that still runs on {@code directory}, if one does. */
  public static void endLeftover(Path directory) throws IOException {
    Optional<ServerProcess> server = ServerProcess.ofPidFile(directory.resolve("redis.pid"));
    if (server.isPresent() && server.get().isProgram(PROGRAM)) {
      server.get().end("KILL", STOP_WAIT);
    }
  }

  /**
   * The server's program, unpacked. The library does that anew at each start; kept here, one copy
   * serves all.
   *
   * @param binaries where it is or will be
   */
  public static Path program(Path binaries) throws IOException {
    Path program = binaries.resolve(PROGRAM + "-" + RedisExecProvider.redisVersion);
    if (Files.isExecutable(program)) {
      return program;
    }
    Files.createDirectories(binaries);
    Path unpacked = RedisExecProvider.defaultProvider().get().toPath();
    Path draft = Files.createTempFile(binaries, PROGRAM, ".new");
    Files.copy(unpacked, draft, StandardCopyOption.REPLACE_EXISTING);
    if (!draft.toFile().setExecutable(true)) {
      throw new IOException(draft + " cannot be made executable");
    }
    Files.move(draft, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return program;
  }

  private void launch() throws IOException {
    Files.deleteIfExists(directory.resolve("redis.pid"));
    Path configuration = directory.resolve("redis.conf");
    Path log = directory.resolve("redis.log");
    Files.write(
        configuration,
        List.of(
            "bind 127.0.0.1",
            "port " + port,
            "daemonize yes",
            "dir " + quoted(directory),
            "pidfile " + quoted(directory.resolve("redis.pid")),
            "logfile " + quoted(log),
            "save \"\"",
            "appendonly no",
            "maxmemory-policy noeviction"));
    Process starter =
        new ProcessBuilder(program.toString(), configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    awaitAnswer(starter, log);
  }

  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private void awaitAnswer(Process starter, Path log) throws IOException {
    long deadline = System.nanoTime() + START_WAIT.toNanos();
    while (!answersFromHere()) {
      boolean failed = !starter.isAlive() && starter.exitValue() != 0;
      boolean ended = !starter.isAlive() && Files.exists(pidFile()) && process().isEmpty();
      if (failed || ended || System.nanoTime() > deadline) {
        throw new IOException("Redis did not start on port " + port + "; its log: " + log);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  /** Starts the server again on the same port, empty. */
  public void restart() throws IOException {
    launch();
  }

  /** The connection URI. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /** Freezes the server, as SIGSTOP does. */
  public void pause() throws IOException {
    signal("STOP");
  }

  /** Lets a frozen server go on. */
  public void resume() throws IOException {
    signal("CONT");
  }

  private void signal(String name) throws IOException {
    Optional<ServerProcess> server = process();
    if (server.isPresent()) {
      server.get().signal(name);
    }
  }

  /** Ends the server; what it held is gone. */
  public void stop() throws IOException {
    Optional<ServerProcess> server = process();
    if (server.isPresent()) {
      server.get().end("KILL", STOP_WAIT);
    }
    Files.deleteIfExists(pidFile());
  }

  @Override
  public void close() throws IOException {
    stop();
  }

  private Path pidFile() {
    return directory.resolve("redis.pid");
  }

  private Optional<ServerProcess> process() throws IOException {
    return ServerProcess.ofPidFile(pidFile());
  }

  /** Whether a server answers on the port and runs on this very directory's configuration. */
  private boolean answersFromHere() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), PROBE_TIMEOUT_MILLIS);
      socket.setSoTimeout(PROBE_TIMEOUT_MILLIS);
      socket.getOutputStream().write("INFO server\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = readAll(socket.getInputStream());
      return answer.contains("config_file:" + directory.resolve("redis.conf") + "\r\n");
    } catch (IOException e) {
      return false;
    }
  }

  private static String readAll(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    in.transferTo(bytes);
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
