package ai.molecule.edge.stores;

import ai.molecule.edge.app.local.Ports;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A master, its replica and one sentinel that promotes the replica half a second after the master
 * has stopped to answer. Every call blocks.
 */
public final class SentinelSet implements AutoCloseable {
  /** The name that the sentinel knows the master by. */
  public static final String MASTER = "edge";

  private final RedisServerHandle master;
  private final RedisServerHandle replica;
  private final Process sentinel;
  private final int port;
  private final Vertx vertx = Vertx.vertx();

  private SentinelSet(
      RedisServerHandle master, RedisServerHandle replica, Process sentinel, int port) {
    this.master = master;
    this.replica = replica;
    this.sentinel = sentinel;
    this.port = port;
  }

  static SentinelSet start(
      RedisServerHandle master, RedisServerHandle replica, Path program, Path directory)
      throws IOException {
    Files.createDirectories(directory);
    int port = Ports.scattered();
    Path configuration = directory.resolve("redis.conf");
    URI server = URI.create(master.uri());
    Files.write(
        configuration,
        List.of(
            "bind 127.0.0.1",
            "port " + port,
            "dir \"" + directory + '"',
            "pidfile \"" + directory.resolve("redis.pid") + '"',
            "sentinel monitor " + MASTER + " 127.0.0.1 " + server.getPort() + " 1",
            "sentinel down-after-milliseconds " + MASTER + " 500",
            "sentinel failover-timeout " + MASTER + " 2000"));
    Process sentinel =
        new ProcessBuilder(program.toString(), configuration.toString(), "--sentinel")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("redis.log").toFile())
            .start();
    SentinelSet set = new SentinelSet(master, replica, sentinel, port);
    set.replicate();
    return set;
  }

  private void replicate() {
    URI server = URI.create(master.uri());
    ask(
        replica.uri(),
        Request.cmd(Command.REPLICAOF).arg("127.0.0.1").arg(Integer.toString(server.getPort())));
  }

  /** The sentinel's URI. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** The one that is master at first. */
  public RedisServerHandle master() {
    return master;
  }

  /** The one that is replica at first. */
  public RedisServerHandle replica() {
    return replica;
  }

  /** Whether the replica has what the master has, and the sentinel knows of both. */
  public boolean isInStep() {
    Request replicas = Request.cmd(Command.SENTINEL).arg("replicas").arg(MASTER);
    return replicationOf(master).contains("state=online") && ask(uri(), replicas).size() == 1;
  }

  /** Freezes the replica, so that it sees nothing of what follows. */
  public void leaveReplicaBehind() {
    replica.pause();
    // What the system has received for the replica would be read when it goes on.
    ask(master.uri(), Request.cmd(Command.CLIENT).arg("KILL").arg("TYPE").arg("replica"));
  }

  /** Whether the replica has been promoted. */
  public boolean isFailedOver() {
    return replicationOf(replica).contains("role:master");
  }

  /** What the server says of its replication; nothing when it cannot be asked. */
  private String replicationOf(RedisServerHandle server) {
    try {
      return ask(server.uri(), Request.cmd(Command.INFO).arg("replication")).toString();
    } catch (CompletionException unreachable) {
      // A server that changes its role closes its connections.
      return "";
    }
  }

  private Response ask(String uri, Request request) {
    Redis client = Redis.createClient(vertx, uri);
    try {
      return client
          .send(request)
          .toCompletionStage()
          .toCompletableFuture()
          .orTimeout(20, TimeUnit.SECONDS)
          .join();
    } finally {
      client.close();
    }
  }

  @Override
  public void close() {
    sentinel.destroyForcibly();
    master.close();
    replica.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
