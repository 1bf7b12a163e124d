package ai.molecule.edge.controlplane;

import ai.molecule.edge.ratelimit.Limit;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about a key's limit; null is what it does not say.
 *
 * @param tier a named limit
 * @param ratePerMinute {@code rate_limit}, before the tier's
 * @param burst before the tier's
 */
record LimitAsked(@Nullable Tier tier, @Nullable Integer ratePerMinute, @Nullable Integer burst) {
  /** The rate the request names, itself or by its tier; null when it leaves that to us. */
  @Nullable Integer rateNamed() {
    if (ratePerMinute != null) {
      return ratePerMinute;
    }
    return tier == null ? null : tier.limit().ratePerMinute();
  }

  /**
   * The burst the request names; null when it leaves that to us. An own rate takes the tier's burst
   * away: the tier's was meant for the tier's rate.
   */
  @Nullable Integer burstNamedForNewKey() {
    if (burst != null || tier == null || ratePerMinute != null) {
      return burst;
    }
    return tier.limit().burst();
  }

  /** The burst that a patch names: an own rate leaves it alone, a tier brings its own. */
  @Nullable Integer burstNamedForPatch() {
    if (burst != null || tier == null) {
      return burst;
    }
    return tier.limit().burst();
  }

  /** The burst of a new key that names a rate but no burst: as many as a minute brings. */
  static int burstFor(int ratePerMinute) {
    return Math.min(ratePerMinute, Limit.BURST_MAX);
  }
}
