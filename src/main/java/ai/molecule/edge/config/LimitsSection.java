package ai.molecule.edge.config;

import ai.molecule.edge.ratelimit.Limit;

/** The section {@code limits}: the limit of a key that names neither a tier nor a limit. */
final class LimitsSection {
  static final SectionKeys KEYS = SectionKeys.of("limits");
  static final Limit SHIPPED = new Limit(60, 60);

  private static final ConfigKey<Integer> RATE_LIMIT =
      KEYS.whole(
          "rate_limit",
          1,
          Limit.RATE_PER_MINUTE_MAX,
          SHIPPED.ratePerMinute(),
          "Requests a minute of a key that names neither a tier nor a limit.");
  private static final ConfigKey<Integer> BURST =
      KEYS.whole("burst", 1, Limit.BURST_MAX, SHIPPED.burst(), "Requests at once of such a key.");

  private LimitsSection() {}

  static Limit read(ConfigValues values) {
    return new Limit(values.get(RATE_LIMIT), values.get(BURST));
  }
}
