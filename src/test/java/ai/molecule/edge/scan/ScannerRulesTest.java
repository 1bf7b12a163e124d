package ai.molecule.edge.scan;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.ExampleCredentials;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The rules for other scanners know the three forms and no other; pre-commit finds its hook. */
class ScannerRulesTest {
  private static final List<String> EXAMPLES =
      List.of(
          ExampleCredentials.LIVE_KEY,
          ExampleCredentials.TEST_KEY,
          ExampleCredentials.WORKSPACE_TOKEN);
  private static final Pattern TOML_REGEX = Pattern.compile("(?m)^regex = '''(.*)'''$");
  private static final Pattern TOML_KEYWORDS = Pattern.compile("(?m)^keywords = \\[\"(.*)\"]$");

  private static List<String> groups(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult match) -> match.group(1)).toList();
  }

  private static JsonNode yaml(String path) throws IOException {
    return new YAMLMapper().readTree(Files.readString(Path.of(path)));
  }

  @Test
  void gitleaksHasARuleForEachForm() throws IOException {
    String toml = Files.readString(Path.of("docs/hooks/gitleaks.toml"));
    List<String> regexes = groups(TOML_REGEX, toml);
    List<String> keywords = groups(TOML_KEYWORDS, toml);
    assertThat(regexes).hasSameSizeAs(EXAMPLES);
    for (int i = 0; i < EXAMPLES.size(); i++) {
      assertThat(groups(Pattern.compile("(" + regexes.get(i) + ")"), "x" + EXAMPLES.get(i) + "'"))
          .containsExactly(EXAMPLES.get(i));
      assertThat(EXAMPLES.get(i)).contains(keywords.get(i));
      assertThat("mol_pk_prod_" + EXAMPLES.get(i).substring(12)).doesNotMatch(regexes.get(i));
    }
    assertThat(groups(Pattern.compile("regexes = \\['''(.*)''']"), toml))
        .containsOnly(CredentialFinder.MARKER)
        .hasSameSizeAs(regexes);
  }

  @Test
  void trufflehogHasADetectorForAllOfThem() throws IOException {
    JsonNode detector = yaml("docs/hooks/trufflehog.yaml").path("detectors").path(0);
    Pattern regex = Pattern.compile("(" + detector.at("/regex/credential").asText() + ")");
    for (String example : EXAMPLES) {
      assertThat(groups(regex, "x" + example + "'")).containsExactly(example);
      assertThat(detector.path("keywords"))
          .anyMatch(keyword -> example.startsWith(keyword.asText()));
    }
  }

  @Test
  void preCommitFindsItsHook() throws IOException {
    JsonNode hook = yaml(".pre-commit-hooks.yaml").path(0);
    assertThat(Files.isExecutable(Path.of(hook.path("entry").asText()))).isTrue();
    assertThat(Files.readString(Path.of("docs/scanning.md"))).contains(hook.path("id").asText());
  }
}
