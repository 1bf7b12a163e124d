package ai.molecule.edge.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a key's values look like and between which bounds they lie. A value that does not fit is
 * empty; {@link #allowed} says what would.
 *
 * @param <T> what the edge makes of a value
 */
sealed interface Kind<T> {
  /** Where a listener binds. */
  Kind<String> HOST =
      new Text(Pattern.compile("[0-9A-Za-z.:_-]{1,253}"), "a host name or an address");

  /** A TCP port; 0 leaves the choice to the system. */
  Kind<Integer> PORT = new Whole(0, 65_535);

  /** A file or a directory. */
  Kind<String> PATH = new Text(Pattern.compile("[^\\x00]{1,1000}"), "a path");

  /** A secret that is shown as it is, in a header or to a signing function. */
  Kind<String> TOKEN =
      new Text(Pattern.compile("[\\x21-\\x7e]{32,255}"), "32 to 255 visible ASCII characters");

  /** The value that a node of the file stands for; types are not converted into each other. */
  Optional<T> ofNode(JsonNode node);

  /** The value that the text of an environment variable stands for. */
  Optional<T> ofText(String text);

  /** What is allowed, for people. */
  String allowed();

  /** The value as the file has it. */
  String render(T value);

  /** Words or an address. */
  record Text(Pattern form, String allowed) implements Kind<String> {
    @Override
    public Optional<String> ofNode(JsonNode node) {
      return node.isTextual() ? ofText(node.textValue()) : Optional.empty();
    }

    @Override
    public Optional<String> ofText(String text) {
      return Optional.of(text).filter(form.asMatchPredicate());
    }

    @Override
    public String render(String value) {
      return value;
    }
  }

  /** A whole number, bounds included. */
  record Whole(int min, int max) implements Kind<Integer> {
    private static final Pattern FORM = Pattern.compile("-?[0-9]{1,10}");

    @Override
    public Optional<Integer> ofNode(JsonNode node) {
      return node.isInt() ? within(node.intValue()) : Optional.empty();
    }

    @Override
    public Optional<Integer> ofText(String text) {
      return FORM.matcher(text).matches() ? within(Long.parseLong(text)) : Optional.empty();
    }

    private Optional<Integer> within(long value) {
      return value >= min && value <= max ? Optional.of((int) value) : Optional.empty();
    }

    @Override
    public String allowed() {
      return "a whole number from " + min + " to " + max;
    }

    @Override
    public String render(Integer value) {
      return Integer.toString(value);
    }
  }

  /** A length of time, written with its unit. */
  record Span(Duration min, Duration max) implements Kind<Duration> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

    @Override
    public Optional<Duration> ofNode(JsonNode node) {
      return node.isTextual() ? ofText(node.textValue()) : Optional.empty();
    }

    @Override
    public Optional<Duration> ofText(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      long count = Long.parseLong(matcher.group(1));
      Duration value =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
          };
      return value.compareTo(min) >= 0 && value.compareTo(max) <= 0
          ? Optional.of(value)
          : Optional.empty();
    }

    @Override
    public String allowed() {
      return "a time from " + render(min) + " to " + render(max) + ", with a unit: ms, s, m or h";
    }

    @Override
    public String render(Duration value) {
      long millis = value.toMillis();
      if (millis == 0) {
        return "0s";
      }
      if (millis % 3_600_000 == 0) {
        return millis / 3_600_000 + "h";
      }
      if (millis % 60_000 == 0) {
        return millis / 60_000 + "m";
      }
      return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }
  }

  /** A number of bytes, written with its unit. */
  record Size(int min, int max) implements Kind<Integer> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(B|KiB|MiB)");

    @Override
    public Optional<Integer> ofNode(JsonNode node) {
      return node.isTextual() ? ofText(node.textValue()) : Optional.empty();
    }

    @Override
    public Optional<Integer> ofText(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      long unit =
          switch (matcher.group(2)) {
            case "B" -> 1;
            case "KiB" -> 1 << 10;
            default -> 1 << 20;
          };
      long bytes = Long.parseLong(matcher.group(1)) * unit;
      return bytes >= min && bytes <= max ? Optional.of((int) bytes) : Optional.empty();
    }

    @Override
    public String allowed() {
      return "a size from " + render(min) + " to " + render(max) + ", with a unit: B, KiB or MiB";
    }

    @Override
    public String render(Integer value) {
      if (value % (1 << 20) == 0) {
        return value / (1 << 20) + "MiB";
      }
      return value % (1 << 10) == 0 ? value / (1 << 10) + "KiB" : value + "B";
    }
  }

  /** One of a few words, the constants of an enum in lower case. */
  record Choice<E extends Enum<E>>(Class<E> type) implements Kind<E> {
    @Override
    public Optional<E> ofNode(JsonNode node) {
      return node.isTextual() ? ofText(node.textValue()) : Optional.empty();
    }

    @Override
    public Optional<E> ofText(String text) {
      return Arrays.stream(type.getEnumConstants())
          .filter(constant -> render(constant).equals(text))
          .findFirst();
    }

    @Override
    public String allowed() {
      return Arrays.stream(type.getEnumConstants())
          .map(this::render)
          .collect(Collectors.joining(", ", "one of ", ""));
    }

    @Override
    public String render(E value) {
      return value.name().toLowerCase(Locale.ROOT);
    }
  }
}
