package ai.molecule.edge.redis;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is and how long it may take.
 *
 * @param uris {@code redis://} or {@code rediss://} addresses: one server, every sentinel, or some
 *     of a cluster, all with the same scheme and login
 * @param mode how the servers are arranged
 * @param masterName the name sentinels know the master by; required with sentinels, else null
 * @param commandTimeout the deadline of each command, 5 ms to 1 s
 * @param sharedCommandTimeout the same beside other nodes, 5 ms to 1 s, the longer of the two
 *     counts: what this node gave out by itself would come on top of what they take, so it waits
 *     rather than refuses
 * @param connectTimeout the deadline of a whole connection attempt: TCP, TLS, login, epoch
 * @param reconnectDelayMin the pause before the second attempt; doubles with each further one
 * @param reconnectDelayMax the longest pause; every pause is shortened by up to half at random
 * @param inFlightMax commands a connection may owe answers to, 1 to 65 536
 * @param breakerFailures failures in a row that open the breaker
 * @param breakerOpen how long it stays open before one command may probe
 */
public record RedisConfig(
    List<String> uris,
    RedisMode mode,
    @Nullable String masterName,
    Duration commandTimeout,
    Duration sharedCommandTimeout,
    Duration connectTimeout,
    Duration reconnectDelayMin,
    Duration reconnectDelayMax,
    int inFlightMax,
    int breakerFailures,
    Duration breakerOpen) {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  public RedisConfig {
    uris = List.copyOf(uris);
    require(!uris.isEmpty(), "uri", "must name a server");
    for (String uri : uris) {
      String scheme = uri.toLowerCase(Locale.ROOT);
      // The value may hold a password: it is not repeated.
      require(
          scheme.startsWith("redis://") || scheme.startsWith("rediss://"),
          "uri",
          "must begin with redis:// or rediss://");
    }
    require(
        mode != RedisMode.SERVER || uris.size() == 1,
        "uri",
        "several only with mode sentinel or cluster");
    require(
        mode != RedisMode.CLUSTER || uris.stream().map(RedisConfig::scheme).distinct().count() == 1,
        "uri",
        "must have one scheme with mode cluster");
    require(
        (mode == RedisMode.SENTINEL) == (masterName != null && !masterName.isBlank()),
        "master_name",
        "is required with mode sentinel, and only there");
    between(commandTimeout, Duration.ofMillis(5), Duration.ofSeconds(1), "command_timeout");
    between(
        sharedCommandTimeout,
        Duration.ofMillis(5),
        Duration.ofSeconds(1),
        "shared_command_timeout");
    sharedCommandTimeout =
        commandTimeout.compareTo(sharedCommandTimeout) > 0 ? commandTimeout : sharedCommandTimeout;
    between(connectTimeout, Duration.ofMillis(10), MINUTE, "connect_timeout");
    between(reconnectDelayMin, Duration.ofMillis(1), MINUTE, "reconnect_delay_min");
    between(reconnectDelayMax, reconnectDelayMin, MINUTE, "reconnect_delay_max");
    require(inFlightMax >= 1 && inFlightMax <= 65_536, "in_flight_max", "must be 1 to 65536");
    require(
        breakerFailures >= 1 && breakerFailures <= 1_000, "breaker_failures", "must be 1 to 1000");
    between(breakerOpen, Duration.ofMillis(1), MINUTE, "breaker_open");
  }

  /** One server with the default deadlines. */
  public static RedisConfig defaults(String uri) {
    return new RedisConfig(
        List.of(uri),
        RedisMode.SERVER,
        null,
        Duration.ofMillis(40),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofMillis(20),
        Duration.ofSeconds(1),
        2048,
        5,
        Duration.ofMillis(50));
  }

  /** The same for one server of a cluster. */
  RedisConfig ofServer(String uri) {
    return new RedisConfig(
        List.of(uri),
        RedisMode.SERVER,
        null,
        commandTimeout,
        sharedCommandTimeout,
        connectTimeout,
        reconnectDelayMin,
        reconnectDelayMax,
        inFlightMax,
        breakerFailures,
        breakerOpen);
  }

  /** This with another deadline for each command. */
  public RedisConfig withCommandTimeout(Duration timeout) {
    return new RedisConfig(
        uris,
        mode,
        masterName,
        timeout,
        sharedCommandTimeout,
        connectTimeout,
        reconnectDelayMin,
        reconnectDelayMax,
        inFlightMax,
        breakerFailures,
        breakerOpen);
  }

  @Override
  public String toString() {
    // Addresses may hold a password.
    return "RedisConfig[mode=" + mode + ", servers=" + uris.size() + "]";
  }

  private static String scheme(String uri) {
    return uri.substring(0, uri.indexOf(':')).toLowerCase(Locale.ROOT);
  }

  private static void between(Duration value, Duration min, Duration max, String field) {
    require(
        value.compareTo(min) >= 0 && value.compareTo(max) <= 0,
        field,
        "must be " + min.toMillis() + " ms to " + max.toMillis() + " ms");
  }

  private static void require(boolean holds, String field, String rule) {
    if (!holds) {
      throw new IllegalArgumentException("redis." + field + " " + rule);
    }
  }
}
