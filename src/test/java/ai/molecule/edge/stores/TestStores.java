package ai.molecule.edge.stores;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Real stores for tests, one shared pair for the whole JVM and more on demand. The system property
 * {@code edge.stores} says where they come from: {@code embedded} (the default, from jars) or
 * {@code containers} (needs a Docker engine). Started on first use, gone with the JVM. Safe on any
 * thread.
 */
public final class TestStores {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private TestStores() {}

  /** The URI of a new, empty database. */
  public static String freshDatabase() {
    return Shared.SOURCE.freshDatabase("test_" + DATABASES.incrementAndGet());
  }

  /** The URI of the Redis that all tests of this JVM share: use keys nobody else uses. */
  public static String redisUri() {
    return Shared.SOURCE.redisUri();
  }

  /** A Redis of the caller's own, running. */
  public static RedisServerHandle startRedis() {
    return Shared.SOURCE.startRedis();
  }

  /** A Redis of the caller's own with a replica and a sentinel, running. */
  public static SentinelSet startSentinelSet() {
    return Shared.SOURCE.startSentinelSet();
  }

  /** A Redis Cluster of the caller's own, forming: three masters, each with a replica or not. */
  public static RedisClusterSet startRedisCluster(boolean replicated) {
    return startRedisCluster(replicated, "");
  }

  /** The same with a password, empty for none. */
  public static RedisClusterSet startRedisCluster(boolean replicated, String password) {
    return Shared.SOURCE.startRedisCluster(replicated, password);
  }

  /** A Postgres of the caller's own, running. */
  public static PostgresServerHandle startPostgres() {
    return Shared.SOURCE.startPostgres();
  }

  /** Holds the source until first use; the container classes are not touched in embedded mode. */
  private static final class Shared {
    private static final StoreSource SOURCE = source();

    private static StoreSource source() {
      String kind = System.getProperty("edge.stores", "embedded");
      return switch (kind) {
        case "embedded" -> new EmbeddedStores();
        case "containers" -> new ContainerStores();
        default ->
            throw new IllegalStateException(
                "edge.stores is " + kind + "; allowed: embedded, containers");
      };
    }
  }
}
