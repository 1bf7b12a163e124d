package ai.molecule.edge.config;

import ai.molecule.edge.redis.RedisConfig;
import ai.molecule.edge.redis.RedisMode;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** The section {@code redis}: the way to Redis. */
final class RedisSection {
  static final SectionKeys KEYS = SectionKeys.of("redis");

  /** Stands in for the address of the embedded server while the rest is checked. */
  private static final String ANY_URI = "redis://localhost";

  private static final RedisConfig SHIPPED = RedisConfig.defaults(ANY_URI);

  static final ConfigKey<String> URI =
      KEYS.secret(
          "uri",
          new Kind.Text(
              Pattern.compile("rediss?://[^\\s,]+(,rediss?://[^\\s,]+)*"),
              "redis://host:port or rediss://host:port; all sentinels, or some servers of a"
                  + " cluster, separated by commas"),
          "Where Redis is; without it the embedded one is started.");
  private static final ConfigKey<RedisMode> MODE =
      KEYS.choice("mode", SHIPPED.mode(), "How the servers are arranged.");
  private static final ConfigKey<String> MASTER_NAME =
      KEYS.optional(
          "master_name",
          new Kind.Text(Pattern.compile("[0-9A-Za-z._-]{1,100}"), "1 to 100 of 0-9A-Za-z._-"),
          "The name the sentinels know the master by; with mode sentinel only.");
  private static final ConfigKey<Duration> COMMAND_TIMEOUT =
      KEYS.span(
          "command_timeout",
          Duration.ofMillis(5),
          Duration.ofSeconds(1),
          SHIPPED.commandTimeout(),
          "Deadline of a command.");
  private static final ConfigKey<Duration> SHARED_COMMAND_TIMEOUT =
      KEYS.span(
          "shared_command_timeout",
          Duration.ofMillis(5),
          Duration.ofSeconds(1),
          SHIPPED.sharedCommandTimeout(),
          "The same beside other nodes, where waiting is better than a share of the limit, and"
              + " while Postgres is out of reach; the longer of the two counts.");
  private static final ConfigKey<Duration> CONNECT_TIMEOUT =
      KEYS.span(
          "connect_timeout",
          Duration.ofMillis(10),
          SectionKeys.MINUTE,
          SHIPPED.connectTimeout(),
          "Deadline of a whole connection attempt.");
  private static final ConfigKey<Duration> RECONNECT_DELAY_MIN =
      KEYS.span(
          "reconnect_delay_min",
          SectionKeys.MILLI,
          SectionKeys.MINUTE,
          SHIPPED.reconnectDelayMin(),
          "Pause before the second attempt; doubles with each further one.");
  private static final ConfigKey<Duration> RECONNECT_DELAY_MAX =
      KEYS.span(
          "reconnect_delay_max",
          SectionKeys.MILLI,
          SectionKeys.MINUTE,
          SHIPPED.reconnectDelayMax(),
          "The longest pause; not below reconnect_delay_min.");
  private static final ConfigKey<Integer> IN_FLIGHT_MAX =
      KEYS.whole(
          "in_flight_max",
          1,
          65_536,
          SHIPPED.inFlightMax(),
          "Commands that a connection may owe answers to.");
  private static final ConfigKey<Integer> BREAKER_FAILURES =
      KEYS.whole(
          "breaker_failures",
          1,
          1_000,
          SHIPPED.breakerFailures(),
          "Failures in a row that open the breaker.");
  private static final ConfigKey<Duration> BREAKER_OPEN =
      KEYS.span(
          "breaker_open",
          SectionKeys.MILLI,
          SectionKeys.MINUTE,
          SHIPPED.breakerOpen(),
          "How long the breaker stays open before one command probes.");

  private RedisSection() {}

  /** The way to the Redis at {@code uris}: those that were named, or the embedded one. */
  static RedisConfig read(ConfigValues values, String uris) {
    return new RedisConfig(
        List.of(uris.split(",")),
        values.get(MODE),
        values.find(MASTER_NAME).orElse(null),
        values.get(COMMAND_TIMEOUT),
        values.get(SHARED_COMMAND_TIMEOUT),
        values.get(CONNECT_TIMEOUT),
        values.get(RECONNECT_DELAY_MIN),
        values.get(RECONNECT_DELAY_MAX),
        values.get(IN_FLIGHT_MAX),
        values.get(BREAKER_FAILURES),
        values.get(BREAKER_OPEN));
  }

  /** Fails as {@link #read} does, whether a server is named or the embedded one is to be used. */
  static void check(ConfigValues values) {
    read(values, values.find(URI).orElse(ANY_URI));
  }
}
