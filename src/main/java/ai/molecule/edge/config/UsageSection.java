package ai.molecule.edge.config;

import ai.molecule.edge.controlplane.usage.UsageConfig;
import java.time.Duration;

/** The section {@code usage}: how usage is metered. */
final class UsageSection {
  static final SectionKeys KEYS = SectionKeys.of("usage");
  private static final UsageConfig SHIPPED = UsageConfig.defaults();

  private static final ConfigKey<Duration> CLOSE_INTERVAL =
      KEYS.span(
          "close_interval",
          Duration.ofMillis(100),
          SectionKeys.MINUTE,
          SHIPPED.closeInterval(),
          "How often hours that are over are looked for.");
  private static final ConfigKey<Duration> SETTLE_AFTER =
      KEYS.span(
          "settle_after",
          Duration.ofSeconds(5),
          Duration.ofMinutes(10),
          SHIPPED.settleAfter(),
          "How long after its end an hour waits for calls still to be written.");
  private static final ConfigKey<Integer> CLOSE_BATCH_MAX =
      KEYS.whole(
          "close_batch_max",
          1,
          10_000,
          SHIPPED.closeBatchMax(),
          "Hours closed in one transaction.");
  private static final ConfigKey<Integer> RANGE_DAYS_MAX =
      KEYS.whole(
          "range_days_max",
          31,
          366,
          SHIPPED.rangeDaysMax(),
          "Days of usage that one request may ask for.");

  private UsageSection() {}

  static UsageConfig read(ConfigValues values) {
    return new UsageConfig(
        values.get(CLOSE_INTERVAL),
        values.get(SETTLE_AFTER),
        values.get(CLOSE_BATCH_MAX),
        values.get(RANGE_DAYS_MAX));
  }
}
