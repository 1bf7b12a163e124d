package ai.molecule.edge.redis;

import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.RedisRole;
import java.util.Locale;

/** The client library's options for one held connection. */
final class RedisClientOptions {
  private RedisClientOptions() {}

  static RedisOptions of(RedisConfig config) {
    boolean tls = config.uris().getFirst().toLowerCase(Locale.ROOT).startsWith("rediss:");
    NetClientOptions net =
        new NetClientOptions()
            .setConnectTimeout((int) config.connectTimeout().toMillis())
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setHostnameVerificationAlgorithm("HTTPS")
            .setSsl(tls);
    RedisOptions options =
        new RedisOptions()
            .setNetClientOptions(net)
            .setType(
                config.mode() == RedisMode.SENTINEL
                    ? RedisClientType.SENTINEL
                    : RedisClientType.STANDALONE)
            // RESP 3 would bring push frames, which take the place of answers.
            .setPreferredProtocolVersion(ProtocolVersion.RESP2)
            // The deadlines bound what is in flight; the library's queue must never be the limit.
            .setMaxWaitingHandlers(config.inFlightMax() + 16)
            // The connection is held: the pool must neither recycle nor clean it.
            .setPoolRecycleTimeout(-1)
            .setPoolCleanerInterval(-1);
    config.uris().forEach(options::addConnectionString);
    if (config.masterName() != null) {
      options.setMasterName(config.masterName()).setRole(RedisRole.MASTER);
    }
    return options;
  }
}
