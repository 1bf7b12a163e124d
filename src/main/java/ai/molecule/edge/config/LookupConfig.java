package ai.molecule.edge.config;

import java.time.Duration;

/**
 * How keys are looked up and remembered on a node.
 *
 * @param cachedKeysMax keys kept in memory
 * @param cachedAbsencesMax hashes remembered as unknown
 * @param absenceTtl how long an unknown hash is remembered
 * @param fillsMax lookups in Postgres in flight; one more is answered 503
 */
public record LookupConfig(
    int cachedKeysMax, int cachedAbsencesMax, Duration absenceTtl, int fillsMax) {

  /** The shipped settings. */
  public static LookupConfig defaults() {
    return new LookupConfig(100_000, 50_000, Duration.ofSeconds(2), 64);
  }
}
