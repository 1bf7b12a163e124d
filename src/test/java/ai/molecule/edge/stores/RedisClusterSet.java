package ai.molecule.edge.stores;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A Redis Cluster: three masters, each with a replica if asked for, which takes over some two
 * seconds after its master has stopped to answer. Every call blocks.
 */
public final class RedisClusterSet implements AutoCloseable {
  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;
  private static final int KEYS_MOVED_AT_ONCE = 20;

  private final Vertx vertx = Vertx.vertx();
  private final List<ClusterServer> masters = new CopyOnWriteArrayList<>();
  private final List<ClusterServer> replicas = new CopyOnWriteArrayList<>();

  private RedisClusterSet() {}

  /**
   * Servers that have been told of each other; see {@link #isFormed}.
   *
   * @param started told of the set before there is a server in it
   */
  static RedisClusterSet start(
      Path program,
      Path directory,
      boolean replicated,
      String password,
      Consumer<RedisClusterSet> started)
      throws IOException {
    RedisClusterSet set = new RedisClusterSet();
    int servers = replicated ? 2 * MASTERS : MASTERS;
    started.accept(set);
    for (int i = 0; i < servers; i++) {
      Path home = directory.resolveSibling(directory.getFileName() + "-" + i);
      (i < MASTERS ? set.masters : set.replicas)
          .add(ClusterServer.start(set.vertx, program, home, password));
    }
    for (ClusterServer server : set.all()) {
      await(server::isUp);
    }
    set.form();
    return set;
  }

  private void form() {
    List<ClusterServer> all = all();
    for (int i = 0; i < all.size(); i++) {
      all.get(i).ask("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
    }
    for (int i = 0; i < MASTERS; i++) {
      masters.get(i).ask("CLUSTER", "ADDSLOTSRANGE", first(i), first(i + 1) - 1);
    }
    for (ClusterServer server : all) {
      if (server != all.getFirst()) {
        server.ask("CLUSTER", "MEET", "127.0.0.1", all.getFirst().port(), all.getFirst().busPort());
      }
    }
    for (int i = 0; i < replicas.size(); i++) {
      String master = masters.get(i).id();
      ClusterServer replica = replicas.get(i);
      await(() -> replica.ask("CLUSTER", "NODES").toString().contains(master));
      await(() -> all.stream().allMatch(server -> known(server) == all.size()));
      replica.ask("CLUSTER", "REPLICATE", master);
    }
  }

  private static int first(int master) {
    return master * SLOTS / MASTERS;
  }

  /** The URIs of all masters, separated by commas. */
  public String uris() {
    return masters.stream().map(ClusterServer::uri).collect(Collectors.joining(","));
  }

  /** The ones that are masters at first. */
  public List<ClusterServer> masters() {
    return masters;
  }

  /** The replica of a master at first, by the master's place. */
  public ClusterServer replicaOf(int master) {
    return replicas.get(master);
  }

  private List<ClusterServer> all() {
    return Stream.concat(masters.stream(), replicas.stream()).toList();
  }

  /**
   * Whether all know each other, the slots are given out, and the replicas have what masters have.
   */
  public boolean isFormed() {
    return all().stream().allMatch(server -> known(server) == all().size() && isServing(server))
        && replicas.stream()
            .allMatch(
                replica ->
                    replica
                        .ask("INFO", "replication")
                        .toString()
                        .contains("master_link_status:up"));
  }

  private static boolean isServing(ClusterServer server) {
    String info = server.ask("CLUSTER", "INFO").toString();
    return info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:" + SLOTS);
  }

  private static int known(ClusterServer server) {
    return (int)
        server
            .ask("CLUSTER", "NODES")
            .toString()
            .lines()
            .filter(line -> !line.contains("handshake") && !line.contains("noaddr"))
            .count();
  }

  /** The slot of a key. */
  public int slotOf(String key) {
    return masters.getFirst().ask("CLUSTER", "KEYSLOT", key).toInteger();
  }

  /** The place of the master that has a slot, as {@code asked} says. */
  public int ownerOf(int slot, ClusterServer asked) {
    for (Response range : asked.ask("CLUSTER", "SLOTS")) {
      if (range.get(0).toInteger() <= slot && slot <= range.get(1).toInteger()) {
        int port = range.get(2).get(1).toInteger();
        for (int i = 0; i < all().size(); i++) {
          if (all().get(i).port() == port) {
            return i;
          }
        }
      }
    }
    throw new IllegalStateException("slot " + slot + " has no owner");
  }

  /** Moves a slot as {@code redis-cli --cluster reshard} does. */
  public void move(int slot, ClusterServer from, ClusterServer to) {
    beginMove(slot, from, to);
    endMove(slot, from, to);
  }

  /** Opens a slot for its move. */
  public void beginMove(int slot, ClusterServer from, ClusterServer to) {
    to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", from.id());
    from.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id());
  }

  /** Moves the keys that the slot holds now. */
  public void moveKeys(int slot, ClusterServer from, ClusterServer to) {
    while (true) {
      Response keys = from.ask("CLUSTER", "GETKEYSINSLOT", slot, KEYS_MOVED_AT_ONCE);
      if (keys.size() == 0) {
        return;
      }
      for (Response key : keys) {
        moveKey(key.toString(), from, to);
      }
    }
  }

  /** Moves one key, if it is there. */
  public void moveKey(String key, ClusterServer from, ClusterServer to) {
    from.ask("MIGRATE", "127.0.0.1", to.port(), "", 0, 5_000, "REPLACE", "KEYS", key);
  }

  /** Gives the slot to its new owner and tells everybody. */
  public void endMove(int slot, ClusterServer from, ClusterServer to) {
    moveKeys(slot, from, to);
    String owner = to.id();
    to.ask("CLUSTER", "SETSLOT", slot, "NODE", owner);
    to.ask("CLUSTER", "BUMPEPOCH");
    // News of before that are still under way may undo it at one or the other.
    await(
        () -> {
          List<ClusterServer> others =
              masters.stream().filter(server -> !isOwner(to, slot, server)).toList();
          others.forEach(server -> server.ask("CLUSTER", "SETSLOT", slot, "NODE", owner));
          return others.isEmpty();
        });
  }

  private boolean isOwner(ClusterServer owner, int slot, ClusterServer asked) {
    return ownerOf(slot, asked) == masters.indexOf(owner);
  }

  private static void await(BooleanSupplier condition) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .until(condition::getAsBoolean);
  }

  /** Ends every server, whatever has been ended already. */
  void kill() {
    all().forEach(ClusterServer::stop);
  }

  @Override
  public void close() {
    all().forEach(ClusterServer::close);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
