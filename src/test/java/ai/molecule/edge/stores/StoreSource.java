package ai.molecule.edge.stores;

/** One way of getting stores; {@link TestStores} picks one for the JVM. */
interface StoreSource {
  /** The URI of a new, empty database on the shared server. */
  String freshDatabase(String name);

  /** The URI of the shared Redis. */
  String redisUri();

  RedisServerHandle startRedis();

  SentinelSet startSentinelSet();

  RedisClusterSet startRedisCluster(boolean replicated, String password);

  PostgresServerHandle startPostgres();
}
