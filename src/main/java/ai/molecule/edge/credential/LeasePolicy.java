package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.AdmitAsk.Lease;
import ai.molecule.edge.ratelimit.Limit;
import java.util.function.IntSupplier;

/**
 * How much to lease, and for how long: by demand, for five seconds at most (ten, counted from the
 * slot's beginning); never so much that leases could keep others from their share, nor more than
 * the bucket refills while a lease lives, since what ends unspent is lost to the key. A key whose
 * limit is small leases nothing, so that it is refused exactly when its bucket is empty. Pure but
 * for the node count.
 */
public final class LeasePolicy {
  /** All event loops of all nodes together hold at most this part of a burst in leases. */
  static final int BURST_PART = 16;

  /** A lease smaller than this is not worth having. */
  static final int LEASE_MIN = 8;

  private static final long SECOND_MICROS = 1_000_000;
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
   * What to ask for besides a request's own tokens.
   *
   * @param demandPerSecond tokens the asking event loop spends in a second
   */
  Lease lease(Limit limit, long demandPerSecond) {
    long holders = (long) Math.max(1, nodesAlive.getAsInt()) * eventLoops;
    long part = limit.burst() / (BURST_PART * holders);
    if (limit.burst() < Limit.LEASED_BURST_MIN || part < LEASE_MIN || demandPerSecond == 0) {
      return Lease.NONE;
    }
    // The time in which demand would use up the part, if that is less than the longest slot.
    long slotMicros =
        Math.clamp(
            part * SECOND_MICROS / demandPerSecond, Lease.SLOT_MICROS_MIN, Lease.SLOT_MICROS_MAX);
    long refilled = 2 * limit.ratePerMinute() * slotMicros / MINUTE_MICROS;
    long most = Math.min(part, refilled);
    if (most < LEASE_MIN) {
      return Lease.NONE;
    }
    long demand = Math.ceilDiv(demandPerSecond * slotMicros, SECOND_MICROS);
    return new Lease((int) Math.min(demand, most), slotMicros);
  }
}
