package ai.molecule.edge.config;

import java.time.Duration;

/** The section {@code last_use}: how often the times of last use are written. */
final class LastUseSection {
  static final SectionKeys KEYS = SectionKeys.of("last_use");
  static final Duration SHIPPED = Duration.ofSeconds(2);

  private static final ConfigKey<Duration> FLUSH_INTERVAL =
      KEYS.span(
          "flush_interval",
          Duration.ofMillis(100),
          Duration.ofSeconds(4),
          SHIPPED,
          "How often the times of last use are written.");

  private LastUseSection() {}

  static Duration read(ConfigValues values) {
    return values.get(FLUSH_INTERVAL);
  }
}
