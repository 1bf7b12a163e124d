package ai.molecule.edge.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The catalogue of configuration keys: the sections in the order of {@code conf/edge.yaml}, each
 * with its keys. The file, the environment variables and {@code docs/configuration.md} are held to
 * it by tests. Tiers are the one thing beside it, since their names are free: {@link TierKeys}.
 */
final class ConfigKeys {
  /** All of them. */
  static final List<ConfigKey<?>> ALL =
      Stream.of(
              HttpSection.KEYS,
              TlsSection.KEYS,
              Http2Section.KEYS,
              CallersSection.KEYS,
              ManagementSection.KEYS,
              AdminSection.KEYS,
              PostgresSection.KEYS,
              RedisSection.KEYS,
              LimitsSection.KEYS,
              OrgsSection.KEYS,
              UsageSection.KEYS,
              WebhooksSection.KEYS,
              WorkspacesSection.KEYS,
              LookupSection.KEYS,
              UpstreamsSection.KEYS,
              OverloadSection.KEYS,
              LastUseSection.KEYS,
              DrainSection.KEYS,
              LoggingSection.KEYS,
              TopSection.KEYS)
          .<ConfigKey<?>>flatMap(section -> section.all().stream())
          .toList();

  private ConfigKeys() {}

  /** The key of that dotted name, if there is one. */
  static Optional<ConfigKey<?>> named(String name) {
    return ALL.stream().filter(key -> key.name().equals(name)).findFirst();
  }

  /** Whether keys stand below that name. */
  static boolean isSection(String name) {
    return name.equals("tiers") || ALL.stream().anyMatch(key -> key.section().equals(name));
  }

  /** All dotted names. */
  static List<String> names() {
    return ALL.stream().map(ConfigKey::name).toList();
  }
}
