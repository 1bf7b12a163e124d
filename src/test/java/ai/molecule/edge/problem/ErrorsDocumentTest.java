package ai.molecule.edge.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/errors.md} to the catalogue: every code, in its order, with its status. */
class ErrorsDocumentTest {
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z_]+)` \\| (\\d{3}) \\| ([^|]+) \\| ([^|]+) \\|");

  @Test
  void everyCodeIsThereWithItsStatusAndWhatToDo() throws IOException {
    List<String> documented =
        Files.readAllLines(Path.of("docs/errors.md")).stream()
            .map(ROW::matcher)
            .filter(row -> row.matches() && !row.group(3).isBlank() && !row.group(4).isBlank())
            .map(row -> row.group(1) + " " + row.group(2))
            .toList();
    List<String> catalogue =
        Arrays.stream(ProblemCode.values()).map(code -> code.code() + " " + code.status()).toList();
    assertThat(documented).containsExactlyElementsOf(catalogue);
  }
}
