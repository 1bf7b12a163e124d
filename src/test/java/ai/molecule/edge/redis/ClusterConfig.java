package ai.molecule.edge.redis;

import java.time.Duration;
import java.util.List;

/** How a test asks a cluster. */
public final class ClusterConfig {
  private static final RedisConfig SHIPPED = RedisConfig.defaults("redis://localhost");

  private ClusterConfig() {}

  /** With the breaker that is shipped; {@code uris} separated by commas. */
  public static RedisConfig of(String uris, Duration commandTimeout) {
    return of(uris, commandTimeout, SHIPPED.breakerOpen());
  }

  static RedisConfig of(String uris, Duration commandTimeout, Duration breakerOpen) {
    return new RedisConfig(
        List.of(uris.split(",")),
        RedisMode.CLUSTER,
        null,
        commandTimeout,
        SHIPPED.sharedCommandTimeout(),
        SHIPPED.connectTimeout(),
        SHIPPED.reconnectDelayMin(),
        SHIPPED.reconnectDelayMax(),
        SHIPPED.inFlightMax(),
        SHIPPED.breakerFailures(),
        breakerOpen);
  }
}
