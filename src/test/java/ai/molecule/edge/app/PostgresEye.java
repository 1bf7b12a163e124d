package ai.molecule.edge.app;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks into a Postgres from outside the edge. Every call blocks and has its own connection. */
final class PostgresEye {
  private final String jdbcUri;
  private final String user;
  private final String password;

  PostgresEye(String uri) {
    URI parsed = URI.create(uri);
    String[] login = parsed.getUserInfo().split(":", 2);
    this.jdbcUri =
        "jdbc:postgresql://" + parsed.getHost() + ":" + parsed.getPort() + parsed.getPath();
    this.user = login[0];
    this.password = login.length == 2 ? login[1] : "";
  }

  /** The first column of all rows, as text. */
  List<String> texts(String sql, Object... parameters) {
    try (Connection connection = DriverManager.getConnection(jdbcUri, user, password);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<String> texts = new ArrayList<>();
      if (statement.execute()) {
        try (ResultSet rows = statement.getResultSet()) {
          while (rows.next()) {
            texts.add(String.valueOf(rows.getString(1)));
          }
        }
      }
      return texts;
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  /** The first column of the one row. */
  String text(String sql, Object... parameters) {
    List<String> texts = texts(sql, parameters);
    if (texts.size() != 1) {
      throw new AssertionError(sql + " gave " + texts);
    }
    return texts.getFirst();
  }

  long number(String sql, Object... parameters) {
    return Long.parseLong(text(sql, parameters));
  }

  /** Every row of every table, as JSON, with the table's name before it. */
  List<String> everything() {
    List<String> all = new ArrayList<>();
    for (String table :
        texts("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")) {
      for (String row : texts("SELECT row_to_json(t)::text FROM " + table + " t")) {
        all.add(table + " " + row);
      }
    }
    return all;
  }

  /** Changes that are not in force everywhere yet. */
  long pendingChanges() {
    return number("SELECT count(*) FROM change_outbox");
  }

  /** When a key was last used, in milliseconds of the epoch; 0 when never. */
  long lastUsedMillis(RunningNode.Made key) {
    return number(
        """
        SELECT coalesce(max(extract(epoch FROM last_used_at) * 1000), 0)::bigint
          FROM key_last_used WHERE key_id = ?::uuid
        """,
        key.id());
  }
}
