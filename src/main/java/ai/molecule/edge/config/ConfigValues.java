package ai.molecule.edge.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The values that were given, with their sources. Filled by the loader, then only read. */
final class ConfigValues {
  private final Map<String, Given> given = new LinkedHashMap<>();

  /** A value of its key's type, and where it came from. */
  private record Given(Object value, String source) {}

  <T> void put(ConfigKey<T> key, T value, String source) {
    given.put(key.name(), new Given(value, source));
  }

  void remove(ConfigKey<?> key) {
    given.remove(key.name());
  }

  boolean has(ConfigKey<?> key) {
    return given.containsKey(key.name());
  }

  /** Where the key's value came from, {@code default} when none was given. */
  String source(String name) {
    Given one = given.get(name);
    return one == null ? "default" : one.source();
  }

  /** The value given. */
  <T> Optional<T> find(ConfigKey<T> key) {
    Given one = given.get(key.name());
    return one == null ? Optional.empty() : Optional.of(cast(one.value()));
  }

  /** The value given, else the default; only for keys that have one. */
  <T> T get(ConfigKey<T> key) {
    T byDefault = key.byDefault();
    if (byDefault == null) {
      throw new IllegalStateException(key.name() + " has no default");
    }
    return find(key).orElse(byDefault);
  }

  /** Safe: {@link #put} ties the type of the value to that of the key. */
  @SuppressWarnings("unchecked")
  private static <T> T cast(Object value) {
    return (T) value;
  }
}
