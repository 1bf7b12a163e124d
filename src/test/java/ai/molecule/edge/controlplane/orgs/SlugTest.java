package ai.molecule.edge.controlplane.orgs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlugTest {
  @ParameterizedTest
  @ValueSource(strings = {"abc", "a-b", "a1b2", "abcdefghijklmnopqrstuvwxyz012345", "a-1-b-2"})
  void hasThisForm(String slug) {
    assertThat(Slug.hasForm(slug)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ab",
        "1ab",
        "-ab",
        "ab-",
        "a--b",
        "Abc",
        "a_b",
        "a.b",
        "abc ",
        "abc\n",
        "äbc",
        "abcdefghijklmnopqrstuvwxyz0123456",
        "01890000-0000-7000-8000-0000000000ff"
      })
  void doesNotHaveThisForm(String slug) {
    assertThat(Slug.hasForm(slug)).isFalse();
  }

  @Test
  void isNoneOfAtLeastThreeHundredWords() {
    assertThat(Slug.reserved()).hasSizeGreaterThanOrEqualTo(300);
    assertThat(Slug.reserved())
        .contains("admin", "api", "www", "console", "molecule", "billing", "support", "login")
        .doesNotContain("acme");
  }

  @Test
  void everyReservedWordCouldBeASlugAndStandsOnceInOrder() throws IOException {
    try (InputStream resource = Slug.class.getResourceAsStream("reserved-slugs.txt")) {
      List<String> words =
          new String(resource.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .toList();
      assertThat(words).allMatch(Slug::hasForm).isSorted().doesNotHaveDuplicates();
    }
  }
}
