package ai.molecule.edge.config;

import ai.molecule.edge.postgres.PostgresConfig;
import java.time.Duration;
import java.util.regex.Pattern;

/** The section {@code postgres}: the way to Postgres. */
final class PostgresSection {
  static final SectionKeys KEYS = SectionKeys.of("postgres");

  private static final Duration TIMEOUT_MIN = Duration.ofMillis(10);
  private static final Duration TIMEOUT_MAX = Duration.ofMinutes(10);

  /** Stands in for the address of the embedded server while the rest is checked. */
  private static final String ANY_URI = "postgresql://edge@localhost/edge";

  private static final PostgresConfig SHIPPED = PostgresConfig.defaults(ANY_URI);

  static final ConfigKey<String> URI =
      KEYS.secret(
          "uri",
          new Kind.Text(
              Pattern.compile("postgres(ql)?://\\S+"),
              "postgresql://user:password@host:port/database"),
          "Where Postgres is; without it the embedded one is started.");
  private static final ConfigKey<String> PASSWORD =
      KEYS.secret(
          "password",
          new Kind.Text(Pattern.compile(".{1,1024}"), "1 to 1024 characters"),
          "Used instead of the password in postgres.uri.");
  private static final ConfigKey<Integer> AUTH_POOL_SIZE =
      KEYS.whole(
          "auth_pool_size",
          1,
          1_000,
          SHIPPED.authPoolSize(),
          "Connections for key lookups and the times of last use.");
  private static final ConfigKey<Integer> CONTROL_POOL_SIZE =
      KEYS.whole(
          "control_pool_size",
          1,
          1_000,
          SHIPPED.controlPoolSize(),
          "Connections for the control plane.");
  private static final ConfigKey<Integer> POOL_QUEUE_MAX =
      KEYS.whole(
          "pool_queue_max",
          1,
          100_000,
          SHIPPED.poolQueueMax(),
          "Calls that may wait for a connection, per pool.");
  private static final ConfigKey<Duration> CONNECT_TIMEOUT =
      KEYS.span(
          "connect_timeout",
          TIMEOUT_MIN,
          TIMEOUT_MAX,
          SHIPPED.connectTimeout(),
          "Deadline of a connection.");
  private static final ConfigKey<Duration> ACQUIRE_TIMEOUT =
      KEYS.span(
          "acquire_timeout",
          TIMEOUT_MIN,
          TIMEOUT_MAX,
          SHIPPED.acquireTimeout(),
          "How long a call waits for a connection.");
  private static final ConfigKey<Duration> STATEMENT_TIMEOUT =
      KEYS.span(
          "statement_timeout",
          TIMEOUT_MIN,
          TIMEOUT_MAX,
          SHIPPED.statementTimeout(),
          "How long the server may work on one statement.");
  private static final ConfigKey<Duration> IDLE_TIMEOUT =
      KEYS.span(
          "idle_timeout",
          TIMEOUT_MIN,
          TIMEOUT_MAX,
          SHIPPED.idleTimeout(),
          "An unused connection is closed after this; longer than statement_timeout.");

  private PostgresSection() {}

  /** The way to the Postgres at {@code uri}: the one that was named, or the embedded one. */
  static PostgresConfig read(ConfigValues values, String uri) {
    return new PostgresConfig(
        uri,
        values.find(PASSWORD).orElse(null),
        values.get(AUTH_POOL_SIZE),
        values.get(CONTROL_POOL_SIZE),
        values.get(POOL_QUEUE_MAX),
        values.get(CONNECT_TIMEOUT),
        values.get(ACQUIRE_TIMEOUT),
        values.get(STATEMENT_TIMEOUT),
        values.get(IDLE_TIMEOUT));
  }

  /** Fails as {@link #read} does, whether a server is named or the embedded one is to be used. */
  static void check(ConfigValues values) {
    read(values, values.find(URI).orElse(ANY_URI));
  }
}
