package ai.molecule.edge.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The masters of a cluster as one event loop knows them: a link to each, and the slots they own.
 * Both are learnt from any server that answers, again and again: often while something is amiss,
 * else now and then. Used on that loop only, but for {@link #breakerState}.
 */
final class ClusterServers {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterServers.class);

  /** How often it is looked whether something is amiss; slots are learnt again while it is. */
  private static final long LOOK_MILLIS = 250;

  /** Looks from one learning of the slots to the next while nothing is amiss. */
  private static final int CALM_LOOKS = 20;

  /** Looks from one question who a master is to the next. */
  private static final int RECHECK_LOOKS = 2;

  /**
   * Age of a master's last answer to that from which it is not believed any more: one that was
   * demoted and promoted again meanwhile is not the one it was. No failover there and back is as
   * quick with a cluster-node-timeout of as much.
   */
  private static final Duration IDENTITY_AGE_MAX = Duration.ofSeconds(2);

  /** A server without slots that nobody asked for so long is let go. */
  private static final Duration UNUSED_MAX = Duration.ofMinutes(1);

  private final Vertx vertx;
  private final RedisConfig config;
  private final BooleanSupplier besideOthers;
  private final SlotOwners slots = new SlotOwners();
  private final Map<ServerAddress, Server> servers = new HashMap<>();
  private final Promise<Void> connected = Promise.promise();

  /** The links to all owners of slots, for other threads to look at. */
  private volatile List<RedisLink> owners = List.of();

  private long timer;
  private int looks;
  private int learnings;
  private boolean learning;
  private boolean doubtful;
  private boolean closed;

  /** A link, its name for others, when it was last asked for, since when it owns slots. */
  private static final class Server {
    private final RedisLink link;
    private final String name;
    private long usedNanos = System.nanoTime();
    private long ownerSinceNanos = usedNanos;

    private Server(RedisLink link, String name) {
      this.link = link;
      this.name = name;
    }
  }

  private ClusterServers(Vertx vertx, RedisConfig config, BooleanSupplier besideOthers) {
    this.vertx = vertx;
    this.config = config;
    this.besideOthers = besideOthers;
  }

  /** Begins to learn and to connect at once, and never gives up. */
  static ClusterServers open(Vertx vertx, RedisConfig config, BooleanSupplier besideOthers) {
    ClusterServers opened = new ClusterServers(vertx, config, besideOthers);
    opened.timer = vertx.setPeriodic(LOOK_MILLIS, id -> opened.look());
    opened.learn();
    return opened;
  }

  /** Completes when every master has been connected that owned a slot at first. */
  Future<?> connected() {
    return connected.future();
  }

  /** The owner of a slot as far as is known. */
  @Nullable ServerAddress owner(int slot) {
    return slots.of(slot);
  }

  /** The name of a server, empty for none. */
  String name(@Nullable ServerAddress address) {
    Server server = address == null ? null : servers.get(address);
    return server == null ? "" : server.name;
  }

  /**
   * For how long there has been no connection to an owner of slots, since it is one; 0 while there
   * is one, and for any other server.
   */
  long awayNanos(@Nullable ServerAddress address) {
    Server server = address == null ? null : servers.get(address);
    return server == null || !owners.contains(server.link)
        ? 0
        : Math.min(server.link.awayNanos(), System.nanoTime() - server.ownerSinceNanos);
  }

  /** The link to a server, or null while it is not known for certain who the server is. */
  @Nullable RedisLink link(ServerAddress address) {
    Server server = serverAt(address);
    if (server == null) {
      return null;
    }
    long now = System.nanoTime();
    server.usedNanos = now;
    if (now - server.link.knownNanos() > IDENTITY_AGE_MAX.toNanos() && server.link.isAvailable()) {
      server.link.recheck();
      return null;
    }
    return server.link;
  }

  private @Nullable Server serverAt(ServerAddress address) {
    Server known = servers.get(address);
    if (known != null || closed || servers.size() >= 2 * SlotOwners.SERVERS_MAX) {
      return known;
    }
    RedisConfig master = config.ofServer(address.uri(config.uris().getFirst()));
    RedisLink link = RedisLink.openMaster(vertx, master, besideOthers);
    Server opened = new Server(link, address.toString());
    servers.put(address, opened);
    return opened;
  }

  /** A server named the owner of a slot. */
  void moved(int slot, ServerAddress owner) {
    slots.moved(slot, owner);
    doubt();
  }

  /** What is known may be out of date: it is learnt again soon. */
  void doubt() {
    doubtful = true;
  }

  private void look() {
    looks++;
    if (looks % RECHECK_LOOKS == 0) {
      for (Server server : servers.values()) {
        if (server.link.isAvailable()) {
          server.link.recheck();
        }
      }
    }
    if (doubtful || looks % CALM_LOOKS == 0 || isAmiss()) {
      learn();
    }
    letGo();
  }

  private boolean isAmiss() {
    for (RedisLink owner : owners) {
      if (!owner.isAvailable()) {
        return true;
      }
    }
    return owners.isEmpty() || !slots.isComplete();
  }

  private void letGo() {
    long now = System.nanoTime();
    servers
        .entrySet()
        .removeIf(
            entry -> {
              Server server = entry.getValue();
              boolean idle = now - server.usedNanos > UNUSED_MAX.toNanos();
              if (!idle || slots.all().contains(entry.getKey())) {
                return false;
              }
              server.link.close();
              return true;
            });
  }

  private void learn() {
    if (learning || closed) {
      return;
    }
    learning = true;
    doubtful = false;
    List<Map.Entry<ServerAddress, Server>> answering = new ArrayList<>();
    for (Map.Entry<ServerAddress, Server> each : servers.entrySet()) {
      if (each.getValue().link.isAvailable()) {
        answering.add(each);
      }
    }
    int turn = learnings++;
    if (answering.isEmpty()) {
      learnFromOutside(turn);
      return;
    }
    Map.Entry<ServerAddress, Server> source = answering.get(turn % answering.size());
    RedisLink link = source.getValue().link;
    ClusterView.read(link::send).onComplete(view -> learnt(source.getKey(), view.result()));
  }

  /** With no link there are the addresses of the configuration, and those known from before. */
  private void learnFromOutside(int turn) {
    String example = config.uris().getFirst();
    List<String> uris = new ArrayList<>(config.uris());
    servers.keySet().forEach(address -> uris.add(address.uri(example)));
    String uri = uris.get(turn % uris.size());
    ClusterView.readFrom(vertx, config.ofServer(uri))
        .onComplete(
            view -> {
              if (view.failed() && owners.isEmpty()) {
                LOG.warn("redis_cluster_unreachable cause={}", String.valueOf(view.cause()));
              }
              learnt(ServerAddress.ofUri(uri), view.result());
            });
  }

  private void learnt(ServerAddress source, @Nullable ClusterView view) {
    learning = false;
    if (closed || view == null || !slots.learn(view, source)) {
      return;
    }
    List<RedisLink> links = new ArrayList<>();
    for (ServerAddress owner : slots.all()) {
      Server server = serverAt(owner);
      if (server != null) {
        if (!owners.contains(server.link)) {
          server.ownerSinceNanos = System.nanoTime();
        }
        links.add(server.link);
      }
    }
    if (owners.isEmpty()) {
      Future.join(links.stream().map(RedisLink::connected).toList())
          .onSuccess(all -> connected.tryComplete());
    }
    owners = List.copyOf(links);
  }

  /** Completes when every slot has an owner, and every owner answers that it is a master. */
  Future<?> ping() {
    if (owners.isEmpty() || !slots.isComplete()) {
      return Future.failedFuture(RedisUnavailable.NOT_CONNECTED);
    }
    List<Future<?>> pings = new ArrayList<>();
    for (RedisLink owner : owners) {
      pings.add(owner.recheck());
    }
    return Future.join(pings);
  }

  /** The worst state of all masters' breakers. From any thread. */
  CircuitBreaker.State breakerState() {
    CircuitBreaker.State worst =
        owners.isEmpty() ? CircuitBreaker.State.OPEN : CircuitBreaker.State.CLOSED;
    for (RedisLink owner : owners) {
      CircuitBreaker.State state = owner.breakerState();
      if (state == CircuitBreaker.State.OPEN) {
        return state;
      }
      worst = state == CircuitBreaker.State.HALF_OPEN ? state : worst;
    }
    return worst;
  }

  /** Closes every link; what is in flight fails. */
  void close() {
    closed = true;
    vertx.cancelTimer(timer);
    servers.values().forEach(server -> server.link.close());
    servers.clear();
  }
}
