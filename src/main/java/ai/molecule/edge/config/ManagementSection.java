package ai.molecule.edge.config;

import ai.molecule.edge.telemetry.ManagementConfig;

/** The section {@code management}: the operations listener. */
final class ManagementSection {
  static final SectionKeys KEYS = SectionKeys.of("management");
  private static final ManagementConfig SHIPPED = ManagementConfig.defaults();

  private static final ConfigKey<String> HOST =
      KEYS.key(
          "host",
          Kind.HOST,
          SHIPPED.host(),
          "Address the operations listener (health, metrics) binds to.");
  private static final ConfigKey<Integer> PORT =
      KEYS.key("port", Kind.PORT, SHIPPED.port(), "Port of the operations listener; 0 takes any.");

  private ManagementSection() {}

  static ManagementConfig read(ConfigValues values) {
    return new ManagementConfig(values.get(HOST), values.get(PORT));
  }
}
