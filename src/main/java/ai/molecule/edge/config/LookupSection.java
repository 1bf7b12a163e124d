package ai.molecule.edge.config;

import java.time.Duration;

/** The section {@code lookup}: how keys are looked up and remembered. */
final class LookupSection {
  static final SectionKeys KEYS = SectionKeys.of("lookup");
  private static final LookupConfig SHIPPED = LookupConfig.defaults();

  private static final ConfigKey<Integer> CACHED_KEYS_MAX =
      KEYS.whole(
          "cached_keys_max", 100, 10_000_000, SHIPPED.cachedKeysMax(), "Keys kept in memory.");
  private static final ConfigKey<Integer> CACHED_ABSENCES_MAX =
      KEYS.whole(
          "cached_absences_max",
          100,
          10_000_000,
          SHIPPED.cachedAbsencesMax(),
          "Unknown credentials remembered.");
  private static final ConfigKey<Duration> ABSENCE_TTL =
      KEYS.span(
          "absence_ttl",
          SectionKeys.MILLI,
          SectionKeys.MINUTE,
          SHIPPED.absenceTtl(),
          "How long an unknown credential is remembered.");
  private static final ConfigKey<Integer> FILLS_MAX =
      KEYS.whole(
          "fills_max",
          1,
          10_000,
          SHIPPED.fillsMax(),
          "Lookups in Postgres at once; one more is answered 503.");

  private LookupSection() {}

  static LookupConfig read(ConfigValues values) {
    return new LookupConfig(
        values.get(CACHED_KEYS_MAX),
        values.get(CACHED_ABSENCES_MAX),
        values.get(ABSENCE_TTL),
        values.get(FILLS_MAX));
  }
}
