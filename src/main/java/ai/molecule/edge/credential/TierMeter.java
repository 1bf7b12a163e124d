package ai.molecule.edge.credential;

/** Counts which tier decided about a request. Called on event loops. */
@FunctionalInterface
public interface TierMeter {
  /** The tiers, cheapest first. */
  enum Tier {
    /** T0: a leased token or a remembered denial. */
    LEASED,
    /** T1: one script, the record was here. */
    REDIS_TOKEN,
    /** T2: one script for record and token. */
    REDIS_RECORD,
    /** T3: the primary was asked. */
    POSTGRES,
    /** Redis was away. */
    LOCAL
  }

  /** One more request was decided by {@code tier}. */
  void decidedBy(Tier tier);
}
