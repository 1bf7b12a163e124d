package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.molecule.edge.app.local.Ports;
import ai.molecule.edge.documents.CommandLineTool;
import ai.molecule.edge.documents.ShellBlocks;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A newcomer pastes the README into a shell, and sees what it says. */
class ReadmeIT {
  private static final Path README = Path.of("README.md");

  @TempDir Path directory;

  @Test
  void twoCommandsAreAllItTakesToStart() {
    assertThat(ShellBlocks.below(README, "## Start it").commands())
        .containsExactly("mvn compile exec:exec\n", "mvn verify\n");
  }

  @Test
  void theFirstFiveMinutesGoAsPrinted() throws Exception {
    assumeThat(CommandLineTool.find("curl")).as("curl on the path").isPresent();
    ShellBlocks session = ShellBlocks.below(README, "## The first five minutes");
    assertThat(session.commands()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(session.results()).isGreaterThanOrEqualTo(3);
    int port = Ports.scattered();
    Map<String, String> environment = Map.of("EDGE_HTTP_PORT", Integer.toString(port));
    try (EdgeProcess edge = EdgeProcess.start(directory, environment)) {
      edge.awaitReady();
      session.run(directory, Map.of(), Map.of("http://127.0.0.1:8080", "http://127.0.0.1:" + port));
    }
  }
}
