package ai.molecule.edge.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class TestStoresTest {
  @Test
  void everyFreshDatabaseIsItsOwnAndEmpty() throws SQLException {
    String first = TestStores.freshDatabase();
    String second = TestStores.freshDatabase();
    assertThat(first).isNotEqualTo(second);
    sql(first, "CREATE TABLE t (n int)");
    assertThat(count(second)).isZero();
  }

  @Test
  void aStoppedRedisComesBackEmptyOnTheSamePort() throws IOException {
    try (RedisServerHandle redis = TestStores.startRedis()) {
      String uri = redis.uri();
      assertThat(redis(uri, "SET k v")).isEqualTo("+OK");
      redis.stop();
      assertThatThrownBy(() -> redis(uri, "PING")).isInstanceOf(IOException.class);
      redis.start();
      assertThat(redis.uri()).isEqualTo(uri);
      assertThat(redis(uri, "GET k")).isEqualTo("$-1");
    }
  }

  @Test
  void aPausedRedisKeepsConnectionsAndDoesNotAnswer() throws IOException {
    try (RedisServerHandle redis = TestStores.startRedis()) {
      redis.pause();
      assertThatThrownBy(() -> redis(redis.uri(), "PING"))
          .isInstanceOf(SocketTimeoutException.class);
      redis.resume();
      assertThat(redis(redis.uri(), "PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void aStoppedPostgresComesBackWithItsDataAndAPausedOneHangs() throws SQLException {
    try (PostgresServerHandle postgres = TestStores.startPostgres()) {
      String uri = postgres.uri();
      sql(uri, "CREATE TABLE t (n int)");
      postgres.stop();
      assertThatThrownBy(() -> count(uri)).isInstanceOf(SQLException.class);
      postgres.start();
      assertThat(postgres.uri()).isEqualTo(uri);
      assertThat(count(uri)).isEqualTo(1);
      postgres.pause();
      assertThatThrownBy(() -> count(uri)).isInstanceOf(SQLException.class);
      postgres.resume();
      assertThat(count(uri)).isEqualTo(1);
    }
  }

  private static String redis(String uri, String command) throws IOException {
    URI at = URI.create(uri);
    try (Socket socket = new Socket(at.getHost(), at.getPort())) {
      socket.setSoTimeout(300);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      StringBuilder line = new StringBuilder();
      int next;
      while ((next = socket.getInputStream().read()) > 0 && next != '\r') {
        line.append((char) next);
      }
      return line.toString();
    }
  }

  private static int count(String uri) throws SQLException {
    try (Connection connection = connect(uri);
        Statement statement = connection.createStatement();
        ResultSet tables =
            statement.executeQuery("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) {
      tables.next();
      return tables.getInt(1);
    }
  }

  private static void sql(String uri, String text) throws SQLException {
    try (Connection connection = connect(uri);
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  private static Connection connect(String uri) throws SQLException {
    URI at = URI.create(uri);
    String[] login = at.getUserInfo().split(":", 2);
    return DriverManager.getConnection(
        "jdbc:postgresql://"
            + at.getHost()
            + ":"
            + at.getPort()
            + at.getPath()
            + "?connectTimeout=1&socketTimeout=1",
        login[0],
        login[1]);
  }
}
