package ai.molecule.edge.controlplane.orgs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The rules of slugs: {@code [a-z][a-z0-9-]{2,31}} with neither a trailing nor a double hyphen, and
 * none of the reserved words, which stand in {@code reserved-slugs.txt} (one a line, comments begin
 * with {@code #}). Stateless.
 */
public final class Slug {
  private static final Pattern FORM = Pattern.compile("[a-z](-?[a-z0-9])*");
  private static final int CHARS_MIN = 3;
  private static final int CHARS_MAX = 32;
  private static final Set<String> RESERVED = load();

  private Slug() {}

  /** Whether {@code text} has the form of a slug. */
  public static boolean hasForm(String text) {
    return text.length() >= CHARS_MIN && text.length() <= CHARS_MAX && FORM.matcher(text).matches();
  }

  /** Whether that slug is kept for the platform. */
  public static boolean isReserved(String slug) {
    return RESERVED.contains(slug);
  }

  /** Every reserved word. */
  static Set<String> reserved() {
    return RESERVED;
  }

  private static Set<String> load() {
    InputStream resource = Slug.class.getResourceAsStream("reserved-slugs.txt");
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Objects.requireNonNull(resource), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
