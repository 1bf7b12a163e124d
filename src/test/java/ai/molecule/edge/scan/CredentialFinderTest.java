package ai.molecule.edge.scan;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.CredentialKind;
import ai.molecule.edge.credential.ExampleCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.arbitraries.StringArbitrary;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All credentials are found and nothing else: against a model that has the whole text in memory and
 * reads it with a regular expression.
 */
class CredentialFinderTest {
  private static final Pattern FORM =
      Pattern.compile("((mol_pk_live_|mol_pk_test_|mol_ws_)[0-9A-Za-z]{32})[0-9A-Za-z]{6}");
  private static final int SMALLEST_WINDOW = CredentialFinder.OVERLAP + 1;

  /** A line's number and the last four characters of what was found in it. */
  private record Place(long line, CredentialKind kind, String last4) {}

  private static List<Place> found(byte[] bytes, int window) {
    List<Place> places = new ArrayList<>();
    CredentialFinder finder = new CredentialFinder(window, read -> {});
    try {
      // What one stream leaves behind must not leak into the next.
      finder.read(stream("no end " + ExampleCredentials.LIVE_KEY), find -> {});
      finder.read(
          new ByteArrayInputStream(bytes),
          find ->
              places.add(new Place(find.line(), find.sighting().kind(), find.sighting().last4())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return places;
  }

  private static ByteArrayInputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static List<Place> found(String text, Charset charset) {
    return found(text.getBytes(charset), 1 << 16);
  }

  /** The model. */
  private static List<Place> expected(String text) {
    List<Place> places = new ArrayList<>();
    String[] lines = text.replace("\0", "").split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].contains("partner-edge:allow")) {
        continue;
      }
      Matcher matcher = FORM.matcher(lines[i]);
      for (int from = 0; matcher.find(from); from = matcher.start() + 1) {
        if (ExampleCredentials.checked(matcher.group(1)).equals(matcher.group())) {
          CredentialKind kind =
              switch (matcher.group(2)) {
                case "mol_pk_live_" -> CredentialKind.LIVE_KEY;
                case "mol_pk_test_" -> CredentialKind.TEST_KEY;
                default -> CredentialKind.WORKSPACE_TOKEN;
              };
          places.add(
              new Place(i + 1, kind, matcher.group().substring(matcher.group().length() - 4)));
        }
      }
    }
    return places;
  }

  @Provide
  Arbitrary<String> texts() {
    StringArbitrary digits = Arbitraries.strings().alpha().numeric();
    Arbitrary<String> credentials =
        Arbitraries.of("mol_pk_live_", "mol_pk_test_", "mol_ws_")
            .flatMap(
                prefix ->
                    digits.ofLength(32).map(random -> ExampleCredentials.checked(prefix + random)));
    Arbitrary<String> pieces =
        Arbitraries.frequencyOf(
            Tuple.of(6, credentials),
            Tuple.of(2, credentials.map(text -> text.substring(0, text.length() - 1))),
            Tuple.of(4, digits.ofMinLength(0).ofMaxLength(120)),
            Tuple.of(3, Arbitraries.just("\n")),
            Tuple.of(1, Arbitraries.of("partner-edge:allow", "partner-edge:allo")),
            Tuple.of(2, Arbitraries.of("mol_", "mol_pk_", "mol_ws_", "_", "\0", "\r\n")),
            Tuple.of(2, Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(90)));
    return pieces.list().ofMaxSize(30).map(list -> String.join("", list));
  }

  @Property(tries = 500)
  void whereverTheyAreAndWhateverIsAroundThem(
      @ForAll("texts") String text, @ForAll @IntRange(min = 0, max = 200) int more) {
    assertThat(found(text.getBytes(StandardCharsets.ISO_8859_1), SMALLEST_WINDOW + more))
        .isEqualTo(expected(text));
  }

  @ParameterizedTest
  @EnumSource(CredentialKind.class)
  void eachKindIsFound(CredentialKind kind) {
    String credential =
        switch (kind) {
          case LIVE_KEY -> ExampleCredentials.LIVE_KEY;
          case TEST_KEY -> ExampleCredentials.TEST_KEY;
          case WORKSPACE_TOKEN -> ExampleCredentials.WORKSPACE_TOKEN;
        };
    assertThat(found("x" + credential + "x", StandardCharsets.US_ASCII))
        .containsExactly(new Place(1, kind, credential.substring(credential.length() - 4)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE", "UTF-16", "ISO-8859-1", "windows-1252"})
  void inTextOfAnyUsualEncoding(String charset) {
    String text = "Schlüssel:\r\n" + ExampleCredentials.TEST_KEY + "\r\n";
    assertThat(found(text, Charset.forName(charset)))
        .containsExactly(new Place(2, CredentialKind.TEST_KEY, "O19k"));
  }

  @Test
  void aMarkerAllowsItsOwnLineAlone() {
    String key = ExampleCredentials.LIVE_KEY;
    String text =
        key + "\n" + key + " # partner-edge:allow\npartner-edge:allow " + key + "\n" + key;
    assertThat(found(text, StandardCharsets.US_ASCII))
        .extracting(Place::line)
        .containsExactly(1L, 4L);
  }

  @Test
  void aMarkerFarBehindInALongLineStillCounts() {
    String line = ExampleCredentials.LIVE_KEY + " ".repeat(10_000);
    byte[] allowed = (line + "partner-edge:allow\n").getBytes(StandardCharsets.US_ASCII);
    assertThat(found(allowed, SMALLEST_WINDOW)).isEmpty();
    assertThat(found((line + "\n").getBytes(StandardCharsets.US_ASCII), SMALLEST_WINDOW))
        .hasSize(1);
  }
}
