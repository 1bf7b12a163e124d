package ai.molecule.edge.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The project is clean under its own scan: whatever is documented with a credential bears the
 * marker, and tests put theirs together while they run.
 */
class DocumentedCredentialsTest {
  /** What the build, git and a local start make. */
  private static final Set<String> MADE = Set.of("target", ".git", ".edge");

  private static ScanReport scan(Path path) throws IOException {
    return TreeScan.scan(path, (files, bytes) -> {});
  }

  @Test
  void noFileOfTheProjectHasOne() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("").toAbsolutePath())) {
      for (Path path : files.toList()) {
        if (!MADE.contains(path.getFileName().toString())) {
          assertThat(scan(path).findings()).as(path.toString()).isEmpty();
        }
      }
    }
    assertThat(scan(Path.of("src")).files()).isGreaterThan(100);
  }

  @Test
  void norHasAClassFileOfIts() throws IOException {
    for (String classes : new String[] {"target/classes", "target/test-classes"}) {
      if (Files.exists(Path.of(classes))) {
        assertThat(scan(Path.of(classes)).findings()).as(classes).isEmpty();
      }
    }
  }
}
