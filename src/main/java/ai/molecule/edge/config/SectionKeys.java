package ai.molecule.edge.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one section, in the order in which they are declared, which is that of {@code
 * conf/edge.yaml}. A section's class declares its keys beside the record that is read from them; to
 * declare is to add.
 */
final class SectionKeys {
  static final Duration MILLI = Duration.ofMillis(1);
  static final Duration MINUTE = Duration.ofMinutes(1);
  static final Duration HOUR = Duration.ofHours(1);

  private final String prefix;
  private final List<ConfigKey<?>> declared = new ArrayList<>();

  private SectionKeys(String prefix) {
    this.prefix = prefix;
  }

  /** Those of the section of that name; none yet. */
  static SectionKeys of(String section) {
    return new SectionKeys(section + ".");
  }

  /** Those that stand in no section; none yet. */
  static SectionKeys top() {
    return new SectionKeys("");
  }

  /** All declared. */
  List<ConfigKey<?>> all() {
    return List.copyOf(declared);
  }

  /** A key of any kind, with its default. */
  <T> ConfigKey<T> key(String name, Kind<T> kind, T byDefault, String meaning) {
    return declare(name, kind, byDefault, false, meaning);
  }

  /** A key without a default. */
  <T> ConfigKey<T> optional(String name, Kind<T> kind, String meaning) {
    return declare(name, kind, null, false, meaning);
  }

  /** A key without a default whose value is not shown. */
  ConfigKey<String> secret(String name, Kind<String> kind, String meaning) {
    return declare(name, kind, null, true, meaning);
  }

  /** One of an enum's constants. */
  <E extends Enum<E>> ConfigKey<E> choice(String name, E byDefault, String meaning) {
    return key(name, new Kind.Choice<>(byDefault.getDeclaringClass()), byDefault, meaning);
  }

  /** A whole number, bounds included. */
  ConfigKey<Integer> whole(String name, int min, int max, int byDefault, String meaning) {
    return key(name, new Kind.Whole(min, max), byDefault, meaning);
  }

  /** A number of bytes, bounds included. */
  ConfigKey<Integer> size(String name, int min, int max, int byDefault, String meaning) {
    return key(name, new Kind.Size(min, max), byDefault, meaning);
  }

  /** A length of time, bounds included. */
  ConfigKey<Duration> span(
      String name, Duration min, Duration max, Duration byDefault, String meaning) {
    return key(name, new Kind.Span(min, max), byDefault, meaning);
  }

  private <T> ConfigKey<T> declare(
      String name, Kind<T> kind, @Nullable T byDefault, boolean secret, String meaning) {
    ConfigKey<T> key = new ConfigKey<>(prefix + name, kind, byDefault, secret, meaning);
    declared.add(key);
    return key;
  }
}
