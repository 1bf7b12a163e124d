package ai.molecule.edge.proxy;

import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among a route's upstreams: of two taken at random, the one with fewer requests under way.
 * Ejected ones are left out, unless more than half of them are: then the failures say more about
 * something else than about them. Used on its event loop only.
 */
public final class Balancer {
  private final List<Upstream> upstreams;
  private final LongSupplier nanoClock;
  private final IntUnaryOperator random;
  private final Upstream[] candidates;

  /**
   * A balancer over at least one upstream.
   *
   * @param random a number from 0 to below its argument
   */
  public Balancer(List<Upstream> upstreams, LongSupplier nanoClock, IntUnaryOperator random) {
    this.upstreams = List.copyOf(upstreams);
    this.nanoClock = nanoClock;
    this.random = random;
    this.candidates = new Upstream[upstreams.size()];
  }

  /** Whether there is more than one to choose from. */
  public boolean hasChoice() {
    return candidates.length > 1;
  }

  /**
   * The upstream for the next attempt.
   *
   * @param tried the one that the last attempt failed with, to be avoided; null at the first
   */
  public Upstream choose(@Nullable Upstream tried) {
    if (candidates.length == 1) {
      return upstreams.getFirst();
    }
    int count = healthy(tried);
    if (count == 1) {
      return candidates[0];
    }
    int one = random.applyAsInt(count);
    int other = random.applyAsInt(count - 1);
    if (other >= one) {
      other++;
    }
    return candidates[one].underWay() <= candidates[other].underWay()
        ? candidates[one]
        : candidates[other];
  }

  /** Puts those to choose from to the front; answers how many. */
  private int healthy(@Nullable Upstream tried) {
    long now = nanoClock.getAsLong();
    int ejected = 0;
    for (int i = 0; i < candidates.length; i++) {
      ejected += upstreams.get(i).isEjected(now) ? 1 : 0;
    }
    boolean panic = ejected * 2 > candidates.length;
    int count = 0;
    for (int i = 0; i < candidates.length; i++) {
      Upstream upstream = upstreams.get(i);
      if (upstream != tried && (panic || !upstream.isEjected(now))) {
        candidates[count++] = upstream;
      }
    }
    if (count == 0 && tried != null) {
      candidates[count++] = tried;
    }
    return count;
  }
}
