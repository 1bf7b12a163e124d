package ai.molecule.edge.config;

import java.time.Duration;

/** The section {@code drain}: how the node leaves. */
final class DrainSection {
  static final SectionKeys KEYS = SectionKeys.of("drain");
  private static final DrainConfig SHIPPED = DrainConfig.defaults();

  private static final ConfigKey<Duration> ANNOUNCE =
      KEYS.span(
          "announce",
          Duration.ZERO,
          SectionKeys.MINUTE,
          SHIPPED.announce(),
          "How long answers ask clients to close before the listener closes.");
  private static final ConfigKey<Duration> FINISH =
      KEYS.span(
          "finish",
          Duration.ZERO,
          SectionKeys.HOUR,
          SHIPPED.finish(),
          "How long requests in flight may take after that.");
  private static final ConfigKey<Duration> FLUSH =
      KEYS.span(
          "flush",
          Duration.ZERO,
          SectionKeys.MINUTE,
          SHIPPED.flush(),
          "How long the last writes to the stores may take.");

  private DrainSection() {}

  static DrainConfig read(ConfigValues values) {
    return new DrainConfig(values.get(ANNOUNCE), values.get(FINISH), values.get(FLUSH));
  }
}
