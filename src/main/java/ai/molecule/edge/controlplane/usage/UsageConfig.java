package ai.molecule.edge.controlplane.usage;

import java.time.Duration;

/**
 * How usage is metered and shown. Immutable and checked.
 *
 * @param closeInterval how often hours that are over are looked for
 * @param settleAfter how long after its end an hour waits for calls still to be counted
 * @param closeBatchMax hours closed in one transaction
 * @param rangeDaysMax days that one request may ask for
 */
public record UsageConfig(
    Duration closeInterval, Duration settleAfter, int closeBatchMax, int rangeDaysMax) {

  /** The shipped settings. */
  public static UsageConfig defaults() {
    return new UsageConfig(Duration.ofSeconds(2), Duration.ofSeconds(10), 200, 93);
  }
}
