package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.Limit;
import java.util.function.IntSupplier;

/**
 * How many tokens to ask Redis for: by demand, never so many that leases could keep others from
 * their share, and never more than the bucket refills while a lease lives. A lease that ends
 * unspent is lost to the key: so it costs the key a tenth of a second at most, and a key with a
 * small limit gets exactly what a request costs. Pure but for the node count.
 */
public final class LeasePolicy {
  /**
   * A lease ends with the 50 ms slot after its own: it lives for 100 ms, of which a minute has 600.
   */
  private static final int LEASES_A_MINUTE = 600;

  private final IntSupplier nodesAlive;
  private final int eventLoops;

  /**
   * A policy for a node.
   *
   * @param nodesAlive nodes last known alive, this one included
   * @param eventLoops event loops of this node, each of which leases for itself
   */
  public LeasePolicy(IntSupplier nodesAlive, int eventLoops) {
    this.nodesAlive = nodesAlive;
    this.eventLoops = eventLoops;
  }

  /** Tokens to take for a request that costs {@code cost}, at least that many. */
  int want(Limit limit, long demand, int cost) {
    long share = limit.burst() / (2L * Math.max(1, nodesAlive.getAsInt()) * eventLoops);
    long refilled = limit.ratePerMinute() / LEASES_A_MINUTE;
    return (int) Math.max(cost, Math.min(demand, Math.min(share, refilled)));
  }
}
