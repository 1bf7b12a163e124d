package ai.molecule.edge.redis;

import io.vertx.redis.client.Response;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which server answers for which slot, as far as one event loop knows. It may be out of date:
 * servers say so ({@code MOVED}) and do nothing. Used on that loop only.
 */
final class SlotOwners {
  /** Servers known at most: what Redis Cluster itself is made for. */
  static final int SERVERS_MAX = 1_000;

  /** Answers of an earlier epoch in a row after which they are believed: a cluster made anew. */
  static final int EARLIER_MAX = 40;

  private @Nullable ServerAddress[] owners = new ServerAddress[HashSlot.COUNT];
  private Set<ServerAddress> all = Set.of();
  private long epoch;
  private int earlierInARow;

  /** The owner of {@code slot}, or null when none is known. */
  @Nullable ServerAddress of(int slot) {
    return owners[slot];
  }

  /** Every owner of a slot, as last learnt as a whole. */
  Set<ServerAddress> all() {
    return all;
  }

  /** Whether every slot has an owner. */
  boolean isComplete() {
    for (ServerAddress owner : owners) {
      if (owner == null) {
        return false;
      }
    }
    return true;
  }

  /** A server said that {@code slot} is another one's. */
  void moved(int slot, ServerAddress owner) {
    owners[slot] = owner;
  }

  /**
   * Takes over what a server knows.
   *
   * @param asked the server
   * @return whether it was taken over: not when it is of an earlier epoch, names no owner, or too
   *     many servers
   */
  boolean learn(ClusterView view, ServerAddress asked) {
    if (view.epoch() < epoch && ++earlierInARow < EARLIER_MAX) {
      return false;
    }
    @Nullable ServerAddress[] learnt = new ServerAddress[HashSlot.COUNT];
    Set<ServerAddress> named = new LinkedHashSet<>();
    for (Response range : view.slots()) {
      Response master = range.get(2);
      Response host = master.get(0);
      int port = (int) new ReplyArray(master).integerAt(1);
      ServerAddress owner = ServerAddress.of(host == null ? null : host.toString(), port, asked);
      if (owner == null) {
        continue;
      }
      named.add(owner);
      ReplyArray bounds = new ReplyArray(range);
      int last = (int) Math.min(bounds.integerAt(1), HashSlot.COUNT - 1);
      for (int slot = (int) bounds.integerAt(0); slot <= last; slot++) {
        learnt[slot] = owner;
      }
    }
    if (named.isEmpty() || named.size() > SERVERS_MAX) {
      return false;
    }
    owners = learnt;
    all = named;
    epoch = view.epoch();
    earlierInARow = 0;
    return true;
  }
}
