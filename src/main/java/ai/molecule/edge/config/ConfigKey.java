package ai.molecule.edge.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One key of the configuration.
 *
 * @param name dotted: section and key, such as {@code http.port}
 * @param kind what its values look like
 * @param byDefault the value when none is given; null when there is none
 * @param secret whether its value must not be shown, and may come from a file named by the variable
 *     with {@code _FILE} at its end
 * @param meaning one sentence for people
 * @param <T> what the edge makes of a value
 */
record ConfigKey<T>(
    String name, Kind<T> kind, @Nullable T byDefault, boolean secret, String meaning) {

  /** The environment variable that overrides the file: {@code http.port} is EDGE_HTTP_PORT. */
  String variable() {
    return variable(name);
  }

  /** The variable that names a file with the value, for secrets. */
  String fileVariable() {
    return variable() + "_FILE";
  }

  /** The variable of a dotted name; what a variable's name cannot hold becomes an underscore. */
  static String variable(String name) {
    return "EDGE_" + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  /** The section: what stands before the dot, empty for a key at the top. */
  String section() {
    return section(name);
  }

  /** The section of a dotted name. */
  static String section(String name) {
    return name.substring(0, Math.max(0, name.indexOf('.')));
  }

  /** The default as the file has it; empty when there is none. */
  String defaultText() {
    return byDefault == null ? "" : kind.render(byDefault);
  }
}
