package ai.molecule.edge.redis;

/** How the Redis behind a URI is arranged. */
public enum RedisMode {
  /** One server. */
  SERVER,
  /** Sentinels that name the current master. */
  SENTINEL,
  /** Masters that share the slots of Redis Cluster. */
  CLUSTER
}
