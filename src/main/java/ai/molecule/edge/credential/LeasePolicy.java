package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.Limit;
import java.util.function.IntSupplier;

/**
 * How many tokens to ask Redis for: by demand, and never so many that leases could keep others from
 * their share. Keys with small limits get exactly what a request costs. Pure but for the node
 * count.
 */
public final class LeasePolicy {
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
    long most = limit.burst() / (2L * Math.max(1, nodesAlive.getAsInt()) * eventLoops);
    return (int) Math.max(cost, Math.min(demand, most));
  }
}
