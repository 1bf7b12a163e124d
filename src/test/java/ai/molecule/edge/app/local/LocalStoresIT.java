package ai.molecule.edge.app.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every test starts real servers in a directory of its own. */
class LocalStoresIT {
  @TempDir static Path binaries;
  @TempDir Path directory;
  private final List<String> said = new ArrayList<>();

  @Test
  void dataAndPortsSurviveARestart() throws Exception {
    String postgresUri;
    String redisUri;
    try (LocalStores stores = start()) {
      postgresUri = stores.postgresUri();
      redisUri = stores.redisUri();
      sql(postgresUri, "CREATE TABLE t AS SELECT 42 AS n");
    }
    assertThat(said)
        .anyMatch(line -> line.startsWith("starting Postgres"))
        .anyMatch(line -> line.startsWith("starting Redis"));
    said.clear();
    try (LocalStores stores = start()) {
      assertThat(stores.postgresUri()).isEqualTo(postgresUri);
      assertThat(stores.redisUri()).isEqualTo(redisUri);
      assertThat(number(postgresUri)).isEqualTo(42);
      assertThat(said).noneMatch(line -> line.startsWith("unpacking"));
    }
  }

  @Test
  void aSecondStartOnTheSameDirectoryIsRefusedAndSaysWhy() throws Exception {
    try (LocalStores stores = start()) {
      assertThatThrownBy(this::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use by another edge")
          .hasMessageContaining("EDGE_DATA_DIR");
      sql(stores.postgresUri(), "SELECT 1");
    }
  }

  @Test
  void theStoresOfAKilledEdgeAreTakenOver() throws Exception {
    PostgresServer postgres = startPostgres();
    postgres.createDatabase(LocalStores.DATABASE);
    RedisServer redis = startRedis();
    long pid = pidOf("redis/redis.pid");
    try (LocalStores stores = start()) {
      assertThat(stores.postgresUri()).isEqualTo(postgres.uri(LocalStores.DATABASE));
      assertThat(stores.redisUri()).isEqualTo(redis.uri());
      assertThat(pidOf("redis/redis.pid")).isEqualTo(pid);
      assertThat(said)
          .anyMatch(line -> line.startsWith("taking over the Postgres"))
          .anyMatch(line -> line.startsWith("taking over the Redis"));
    }
    assertThat(Ports.freeFrom(redis.port())).isEqualTo(redis.port());
  }

  @Test
  void storesThatHangAreReplacedAndCommittedDataAreThere() throws Exception {
    PostgresServer postgres = startPostgres();
    postgres.createDatabase(LocalStores.DATABASE);
    RedisServer redis = startRedis();
    sql(postgres.uri(LocalStores.DATABASE), "CREATE TABLE t AS SELECT 7 AS n");
    postgres.pause();
    redis.pause();
    try (LocalStores stores = start()) {
      assertThat(said).noneMatch(line -> line.startsWith("taking over"));
      assertThat(number(stores.postgresUri())).isEqualTo(7);
    }
  }

  @Test
  void aStaleProcessIdFileDoesNotStopTheStart() throws Exception {
    start().close();
    // This JVM is alive and is neither of the two servers.
    String pid = ProcessHandle.current().pid() + "\n";
    Files.writeString(directory.resolve("postgres/data/postmaster.pid"), pid);
    Files.writeString(directory.resolve("redis/redis.pid"), pid);
    try (LocalStores stores = start()) {
      sql(stores.postgresUri(), "SELECT 1");
    }
  }

  @Test
  void aHalfMadeDataDirectoryIsMadeAnew() throws Exception {
    Files.createDirectories(directory.resolve("postgres/data/base"));
    Files.writeString(directory.resolve("postgres/data/postgresql.conf"), "");
    try (LocalStores stores = start()) {
      sql(stores.postgresUri(), "SELECT 1");
    }
  }

  @Test
  void aPortTakenByAnotherProgramIsLeftAlone() throws Exception {
    start().close();
    int port = Integer.parseInt(Files.readString(directory.resolve("redis/port")).strip());
    try (ServerSocket _ = new ServerSocket(port);
        LocalStores stores = start()) {
      assertThat(URI.create(stores.redisUri()).getPort()).isNotEqualTo(port);
    }
  }

  @Test
  void nobodyEntersPostgresWithoutThePasswordThatOnlyTheOwnerReads() throws Exception {
    try (LocalStores stores = start()) {
      String wrong = stores.postgresUri().replaceFirst("postgres:[0-9a-f]+@", "postgres:no@");
      assertThatThrownBy(() -> sql(wrong, "SELECT 1"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory.resolve("postgres/password"))))
          .isEqualTo("rw-------");
    }
  }

  private LocalStores start() throws IOException {
    return LocalStores.start(directory, binaries, said::add);
  }

  /** Starts what an edge would have left behind when it was killed. */
  private PostgresServer startPostgres() throws IOException {
    return PostgresServer.start(
        directory.resolve("postgres"),
        binaries,
        Ports.scattered(),
        PostgresServer.Durability.DURABLE,
        _ -> {});
  }

  private RedisServer startRedis() throws IOException {
    return RedisServer.start(directory.resolve("redis"), binaries, Ports.scattered(), _ -> {});
  }

  private long pidOf(String file) throws IOException {
    return Long.parseLong(Files.readString(directory.resolve(file)).strip());
  }

  private static void sql(String uri, String text) throws SQLException {
    try (Connection connection = connect(uri);
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  private static int number(String uri) throws SQLException {
    try (Connection connection = connect(uri);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT n FROM t")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static Connection connect(String uri) throws SQLException {
    URI at = URI.create(uri);
    String[] login = at.getUserInfo().split(":", 2);
    return DriverManager.getConnection(
        "jdbc:postgresql://" + at.getHost() + ":" + at.getPort() + at.getPath(),
        login[0],
        login[1]);
  }
}
