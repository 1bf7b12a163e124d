package ai.molecule.edge.documents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may differ between a document and a run, and what may not. */
class PrintedResultTest {
  private static final String ID = "01890000-0000-7000-8000-000000000001";

  private static boolean same(String language, String expected, String actual) {
    return PrintedResult.difference(language, expected, actual).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 200 OK, HTTP/1.1 200 OK, true",
    "HTTP/1.1 200 OK, HTTP/1.1 201 Created, false",
    "r=4;t=12, r=4;t=11, true",
    "r=4;t=12, r=3;t=12, false",
    "Retry-After: 12, Retry-After: 3, true",
    "Retry-After: 12, Retry-After: soon, false",
    "mol_pk_live_…, mol_pk_live_0Az, true",
    "mol_pk_live_…, mol_pk_test_0Az, false",
    "at 2026-01-01T00:00:00.000Z, at 2027-11-02T10:20:30.456Z, true",
    "at 2026-01-01T00:00:00.000Z, at noon, false",
    "a…z, a to z, true",
    "a…z, a to y, false",
    "a.c, abc, false",
  })
  void linesDifferOnlyWhereValuesDoFromRunToRun(String expected, String actual, boolean same) {
    assertThat(same("text", expected, actual)).isEqualTo(same);
  }

  @Test
  void linesAreAllThereInTheirOrderUnlessOneSaysThatOthersMayBe() {
    assertThat(same("text", "one\ntwo\n", "one\ntwo\n\n")).isTrue();
    assertThat(same("text", "one\ntwo\n", "two\none\n")).isFalse();
    assertThat(same("text", "one\ntwo\n", "one\ntwo\nthree\n")).isFalse();
    assertThat(same("text", "one\n…\nfour\n", "one\ntwo\nthree\nfour\n")).isTrue();
    assertThat(same("text", "one\n…\nfour\n", "one\ntwo\nthree\n")).isFalse();
  }

  @Test
  void jsonIsComparedAsAValue() {
    String expected = "{\"id\": \"" + ID + "\", \"seats\": 5, \"list\": [\"a\", null]}";
    String actual = expected.replace("0001", "beef").replace(" ", "");
    assertThat(same("json", expected, actual)).isTrue();
    assertThat(same("json", expected, actual.replace(":5", ":6"))).isFalse();
    assertThat(same("json", expected, actual.replace("null", "null,1"))).isFalse();
    assertThat(same("json", expected, actual.replace("}", ",\"more\":1}"))).isFalse();
    assertThat(same("json", expected, "not json")).isFalse();
  }

  @Test
  void jsonMayBeShownInPart() {
    String expected = "{\"seats\": 5, \"…\": \"…\"}";
    assertThat(same("json", expected, "{\"more\":1,\"seats\":5}")).isTrue();
    assertThat(same("json", expected, "{\"more\":1,\"seats\":4}")).isFalse();
    assertThat(same("json", expected, "{\"more\":1}")).isFalse();
  }
}
