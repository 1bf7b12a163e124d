package ai.molecule.edge.config;

import ai.molecule.edge.overload.OverloadConfig;

/** The section {@code overload}: how much may be under way. */
final class OverloadSection {
  static final SectionKeys KEYS = SectionKeys.of("overload");
  private static final OverloadConfig SHIPPED = OverloadConfig.defaults();

  private static final ConfigKey<Integer> CALLS_MIN =
      KEYS.whole(
          "calls_min",
          1,
          10_000,
          SHIPPED.callsMin(),
          "Control plane calls at once, however slow; where above calls_max, that counts.");
  private static final ConfigKey<Integer> CALLS_MAX =
      KEYS.whole(
          "calls_max",
          1,
          10_000,
          SHIPPED.callsMax(),
          "Control plane calls at once, however fast; one more is refused.");
  private static final ConfigKey<Integer> REVOCATIONS_MAX =
      KEYS.whole(
          "revocations_max",
          1,
          10_000,
          SHIPPED.revocationsMax(),
          "Revocations of keys and tokens at once, besides.");
  private static final ConfigKey<Integer> UPSTREAM_MIN =
      KEYS.whole(
          "upstream_min",
          1,
          100_000,
          SHIPPED.upstreamMin(),
          "Requests at once to one upstream, however slow; where above upstream_max, that counts.");
  private static final ConfigKey<Integer> UPSTREAM_MAX =
      KEYS.whole(
          "upstream_max",
          1,
          100_000,
          SHIPPED.upstreamMax(),
          "Requests at once to one upstream, however fast; one more is refused.");
  private static final ConfigKey<Integer> PARTNER_MAX =
      KEYS.whole(
          "partner_max",
          1,
          100_000,
          SHIPPED.partnerMax(),
          "Forwarded requests of one partner at once, streams aside; one more is refused.");

  private OverloadSection() {}

  static OverloadConfig read(ConfigValues values) {
    return new OverloadConfig(
        values.get(CALLS_MIN),
        values.get(CALLS_MAX),
        values.get(REVOCATIONS_MAX),
        values.get(UPSTREAM_MIN),
        values.get(UPSTREAM_MAX),
        values.get(PARTNER_MAX));
  }
}
