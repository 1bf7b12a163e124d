package ai.molecule.edge.config;

import ai.molecule.edge.telemetry.LoggingConfig;

/** The section {@code logging}: what is logged and how. */
final class LoggingSection {
  static final SectionKeys KEYS = SectionKeys.of("logging");
  private static final LoggingConfig SHIPPED = LoggingConfig.defaults();

  private static final ConfigKey<LoggingConfig.Format> FORMAT =
      KEYS.choice(
          "format",
          SHIPPED.format(),
          "JSON lines or plain text; auto is plain on a terminal, else json.");
  private static final ConfigKey<LoggingConfig.Level> LEVEL =
      KEYS.choice("level", SHIPPED.level(), "The least important lines written.");
  private static final ConfigKey<LoggingConfig.Access> ACCESS =
      KEYS.choice(
          "access",
          SHIPPED.access(),
          "Which requests get an access line: all, failures (status 500 and up) or none.");

  private LoggingSection() {}

  static LoggingConfig read(ConfigValues values) {
    return new LoggingConfig(values.get(FORMAT), values.get(LEVEL), values.get(ACCESS));
  }
}
