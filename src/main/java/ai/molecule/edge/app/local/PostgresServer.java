package ai.molecule.edge.app.local;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One Postgres server on the loopback address, with its files in a directory of its own. The data
 * outlives the server; a password made at first start keeps other users of the machine out.
 *
 * <p>A server that was left running by a killed edge is taken over when it answers, and ended when
 * it does not. Not thread-safe; every call blocks.
 */
public final class PostgresServer implements AutoCloseable {
  private static final String USER = "postgres";
  private static final Duration START_WAIT = Duration.ofSeconds(30);
  private static final Duration STOP_WAIT = Duration.ofSeconds(10);
  private static final String STATEMENT_SECONDS = "20";
  private static final String PROBE_SECONDS = "2";
  private static final int PASSWORD_BYTES = 16;

  private final Path directory;
  private final Path binaries;
  private final int port;
  private final Durability durability;
  private final String password;

  /** What a commit is worth. */
  public enum Durability {
    /** Commits survive a crash of the machine. */
    DURABLE,
    /** Commits survive a crash of the server alone: for tests. */
    FAST
  }

  private PostgresServer(
      Path directory, Path binaries, int port, Durability durability, String password) {
    this.directory = directory;
    this.binaries = binaries;
    this.port = port;
    this.durability = durability;
    this.password = password;
  }

  /**
   * Starts a server, or takes over the one that still runs on this directory.
   *
   * @param directory where its files are or will be
   * @param binaries where the programs are unpacked; shared between servers
   * @param portFrom the first port to try; the one found is remembered in the directory
   * @param progress told, in words, what takes long
   */
  public static PostgresServer start(
      Path directory, Path binaries, int portFrom, Durability durability, Consumer<String> progress)
      throws IOException {
    Path home = Files.createDirectories(directory).toAbsolutePath().normalize();
    removeHalfMade(home);
    Path passwordFile = home.resolve("password");
    String password =
        Files.exists(passwordFile) ? Files.readString(passwordFile).strip() : newPassword();
    Optional<ServerProcess> leftover = ServerProcess.ofPidFile(home.resolve("data/postmaster.pid"));
    if (leftover.isPresent()) {
      int port = runningPort(home);
      PostgresServer running =
          new PostgresServer(home, binaries.toAbsolutePath(), port, durability, password);
      if (running.answersFromHere()) {
        progress.accept("taking over the Postgres that is still running on port " + port);
        return running;
      }
      endLeftover(home);
    }
    Files.deleteIfExists(home.resolve("data/postmaster.pid"));
    int port = Ports.remembered(home.resolve("port"), portFrom);
    PostgresServer server =
        new PostgresServer(home, binaries.toAbsolutePath(), port, durability, password);
    server.launch(progress);
    return server;
  }

  /** Ends the server that still runs on {@code directory}, if one does. */
  public static void endLeftover(Path directory) throws IOException {
    Optional<ServerProcess> server =
        ServerProcess.ofPidFile(directory.resolve("data/postmaster.pid"));
    if (server.isPresent() && server.get().isProgram("postgres")) {
      server.get().signalTree("CONT");
      server.get().end("QUIT", STOP_WAIT);
    }
  }

  /** A directory without a password file was abandoned in the middle of its first start. */
  private static void removeHalfMade(Path home) throws IOException {
    Path data = home.resolve("data");
    if (!Files.exists(data) || Files.exists(home.resolve("password"))) {
      return;
    }
    endLeftover(home);
    Directories.delete(data);
  }

  private static String newPassword() {
    byte[] random = new byte[PASSWORD_BYTES];
    new java.security.SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** The port in {@code postmaster.pid}, fourth line. */
  private static int runningPort(Path home) throws IOException {
    try (Stream<String> lines = Files.lines(home.resolve("data/postmaster.pid"))) {
      return lines
          .skip(3)
          .findFirst()
          .map(String::strip)
          .filter(line -> line.matches("[1-9][0-9]{0,4}"))
          .map(Integer::parseInt)
          .orElse(0);
    }
  }

  private void launch(Consumer<String> progress) throws IOException {
    if (!isUnpacked()) {
      progress.accept("unpacking Postgres (first start only)");
    }
    // The library locks this file until its JVM ends; the lock that counts is the data directory's.
    Files.deleteIfExists(directory.resolve("data/epg-lock"));
    boolean first = !Files.exists(directory.resolve("password"));
    progress.accept("starting Postgres on port " + port);
    Path log = directory.resolve("postgres.log");
    try {
      server(log).start();
    } catch (IOException | RuntimeException | ExceptionInInitializerError e) {
      endLeftover(directory);
      throw new IOException("Postgres did not start; its log: " + log, e);
    }
    if (!answersFromHere()) {
      endLeftover(directory);
      throw new IOException("another server answers on port " + port + "; see " + log);
    }
    if (first) {
      demandPassword();
    }
  }

  private EmbeddedPostgres.Builder server(Path log) {
    return EmbeddedPostgres.builder()
        .setPgBinaryResolver(new UnpackedTo(binaries))
        .setOverrideWorkingDirectory(binaries.toFile())
        .setDataDirectory(directory.resolve("data"))
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPGStartupWait(START_WAIT)
        .setPort(port)
        .setConnectConfig("password", password)
        .setConnectConfig("connectTimeout", "2")
        .setConnectConfig("socketTimeout", "5")
        .setLocaleConfig("locale", "C")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", "")
        .setServerConfig("max_connections", "200")
        .setServerConfig("fsync", durability == Durability.DURABLE ? "on" : "off")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("full_page_writes", durability == Durability.DURABLE ? "on" : "off")
        .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()));
  }

  private boolean isUnpacked() throws IOException {
    if (!Files.isDirectory(binaries)) {
      return false;
    }
    try (Stream<Path> versions = Files.list(binaries)) {
      return versions.anyMatch(version -> Files.exists(version.resolve(".exists")));
    }
  }

  /** Sets the password and lets nobody in without it; the file written last marks all as done. */
  private void demandPassword() throws IOException {
    try (Connection connection = connect(STATEMENT_SECONDS);
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER ROLE postgres PASSWORD '" + password + "'");
      Files.writeString(
          directory.resolve("data/pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
      statement.execute("SELECT pg_reload_conf()");
      OwnerOnly.write(directory.resolve("password"), password + "\n");
    } catch (SQLException e) {
      throw new IOException("Postgres could not be given its password", e);
    }
  }

  /** Starts the server again on the same port and data. */
  public void restart() throws IOException {
    Files.deleteIfExists(directory.resolve("data/postmaster.pid"));
    launch(line -> {});
  }

  /** The connection URI of one of the server's databases. */
  public String uri(String database) {
    return "postgresql://" + USER + ":" + password + "@127.0.0.1:" + port + "/" + database;
  }

  /** Makes an empty database unless it is there. */
  public void createDatabase(String database) throws IOException {
    try (Connection connection = connect(STATEMENT_SECONDS);
        Statement statement = connection.createStatement()) {
      try (ResultSet found =
          statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + database + "'")) {
        if (found.next()) {
          return;
        }
      }
      statement.execute("CREATE DATABASE " + database);
    } catch (SQLException e) {
      throw new IOException("database " + database + " could not be created", e);
    }
  }

  /** Freezes the server and its backends, as SIGSTOP does. */
  public void pause() throws IOException {
    signalTree("STOP");
  }

  /** Lets a frozen server go on. */
  public void resume() throws IOException {
    signalTree("CONT");
  }

  private void signalTree(String name) throws IOException {
    Optional<ServerProcess> server = process();
    if (server.isPresent()) {
      server.get().signalTree(name);
    }
  }

  /** Ends the server, rolling back what runs; its data stay. */
  public void stop() throws IOException {
    Optional<ServerProcess> server = process();
    if (server.isPresent()) {
      server.get().signalTree("CONT");
      server.get().end("INT", STOP_WAIT);
    }
  }

  @Override
  public void close() throws IOException {
    stop();
  }

  private Optional<ServerProcess> process() throws IOException {
    return ServerProcess.ofPidFile(directory.resolve("data/postmaster.pid"));
  }

  /** Whether a server answers on the port and has its data in this very directory. */
  private boolean answersFromHere() {
    if (port == 0) {
      return false;
    }
    try (Connection connection = connect(PROBE_SECONDS);
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery("SHOW data_directory")) {
      return answer.next()
          && Path.of(answer.getString(1))
              .toRealPath()
              .equals(directory.resolve("data").toRealPath());
    } catch (SQLException | IOException e) {
      return false;
    }
  }

  private Connection connect(String socketTimeoutSeconds) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", USER);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "2");
    properties.setProperty("socketTimeout", socketTimeoutSeconds);
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties);
  }

  /** The programs in the jar; equal by target, since the library unpacks once for equal sources. */
  private record UnpackedTo(Path binaries) implements PgBinaryResolver {
    @Override
    public InputStream getPgBinary(String system, String machineHardware) throws IOException {
      return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machineHardware);
    }
  }
}
