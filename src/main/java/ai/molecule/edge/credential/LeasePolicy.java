package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.Limit;
import java.util.function.IntSupplier;

/**
 * How many tokens to ask Redis for: by demand, and never so many that leases could keep others from
 * their share, nor more than the bucket refills while a lease lives: a lease that ends unspent is
 * lost to the key. A key whose limit is small gets exactly what a request costs, so that it is refused
 * exactly when its bucket is empty. Pure but for the node count.
 */
public final class LeasePolicy {
  /** All event loops of all nodes together hold at most this part of a burst in leases. */
  static final int BURST_PART = 16;

  /** A lease smaller than this is not worth having. */
  static final int LEASE_MIN = 8;

  private static final long MINUTE_MICROS = 60_000_000L;

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

  /**
   * Tokens to take for a request.
   *
   * @param demand tokens the asking event loop is expected to spend while a lease lasts
   * @param cost what the request itself costs
   * @return the cost, and what is to be leased besides
   */
  int want(Limit limit, long demand, int cost) {
    long holders = (long) Math.max(1, nodesAlive.getAsInt()) * eventLoops;
    long part = limit.burst() / (BURST_PART * holders);
    long refilled = limit.ratePerMinute() * 2 * limit.leaseSlotMicros() / MINUTE_MICROS;
    long most = Math.min(part, refilled);
    return most < LEASE_MIN ? cost : (int) (cost + Math.min(demand, most));
  }
}
