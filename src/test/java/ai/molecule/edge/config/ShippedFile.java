package ai.molecule.edge.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code conf/edge.yaml} and the table of {@code docs/configuration.md} have to say. */
final class ShippedFile {
  private static final int WIDTH = 96;

  private ShippedFile() {}

  /** The whole file, made from the catalogue. */
  static String yaml() {
    List<String> lines = new ArrayList<>();
    wrap(
        lines,
        "",
        "Partner Edge: every key with its default. A line that begins with \"# key:\" is a key"
            + " without one. Environment variables go over this file: http.port is EDGE_HTTP_PORT,"
            + " and a secret may be in a file that its variable with _FILE at the end names."
            + " Unknown keys and values out of bounds are refused at start.");
    String section = "";
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      if (!key.section().equals(section)) {
        section = key.section();
        lines.add("");
        if (!section.isEmpty()) {
          lines.add(section + ":");
        }
      }
      String indent = section.isEmpty() ? "" : "  ";
      String name = key.name().substring(section.isEmpty() ? 0 : section.length() + 1);
      wrap(lines, indent, key.meaning() + " " + bounds(key));
      String value = key.byDefault() == null ? "" : " " + quoted(key);
      lines.add(indent + (key.byDefault() == null ? "# " : "") + name + ":" + value);
    }
    lines.add("");
    wrap(
        lines,
        "",
        "Named limits that keys may use: rate_limit is requests a minute (1 to 60000000), burst is"
            + " requests at once (1 to 1000000; rate_limit when not given). The variable of"
            + " tiers.gold.burst is EDGE_TIERS_GOLD_BURST.");
    lines.add("tiers: {}");
    lines.add("#  gold:");
    lines.add("#    rate_limit: 6000");
    lines.add("#    burst: 500");
    return sectionsWithoutValues(String.join("\n", lines)) + "\n";
  }

  /** A section of which every key is commented out would have no value: an empty mapping. */
  private static String sectionsWithoutValues(String text) {
    return text.replace("\nadmin:\n", "\nadmin: {}\n");
  }

  private static <T> String quoted(ConfigKey<T> key) {
    String text = key.defaultText();
    boolean plain =
        key.kind() instanceof Kind.Whole || text.matches("[a-z][a-z0-9_]*|[0-9]+[A-Za-z]+");
    return plain ? text : '"' + text + '"';
  }

  private static String bounds(ConfigKey<?> key) {
    String allowed = key.kind().allowed();
    return allowed.substring(0, 1).toUpperCase(Locale.ROOT) + allowed.substring(1) + ".";
  }

  private static void wrap(List<String> lines, String indent, String text) {
    StringBuilder line = new StringBuilder(indent).append('#');
    for (String word : text.split(" ")) {
      if (line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(indent).append('#');
      }
      line.append(' ').append(word);
    }
    lines.add(line.toString());
  }

  /** The key's row in the table of the documentation. */
  static String row(ConfigKey<?> key) {
    @Nullable Object byDefault = key.byDefault();
    return "| `"
        + key.name()
        + "` | `"
        + key.variable()
        + "`"
        + (key.secret() ? ", `" + key.fileVariable() + "`" : "")
        + " | "
        + (byDefault == null ? "" : "`" + key.defaultText() + "`")
        + " | "
        + key.kind().allowed()
        + " | "
        + key.meaning()
        + " |";
  }
}
