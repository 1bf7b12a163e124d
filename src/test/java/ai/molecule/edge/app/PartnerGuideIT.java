package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.molecule.edge.app.local.Ports;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.documents.CommandLineTool;
import ai.molecule.edge.documents.ShellBlocks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partner follows the onboarding guide from its first block to its last. */
class PartnerGuideIT {
  private static final Path GUIDE = Path.of("docs/guides/partner-onboarding.md");

  @TempDir Path directory;

  @Test
  void everyBlockOfTheGuidePrintsWhatItSays() throws Exception {
    assumeThat(CommandLineTool.find("curl")).as("curl on the path").isPresent();
    ShellBlocks guide = ShellBlocks.of(GUIDE);
    assertThat(guide.results()).isGreaterThanOrEqualTo(guide.commands().size() - 2L);
    int port = Ports.scattered();
    Map<String, String> environment = Map.of("EDGE_HTTP_PORT", Integer.toString(port));
    try (EdgeProcess edge = EdgeProcess.start(directory, environment)) {
      edge.awaitReady();
      guide.run(directory, Map.of(), Map.of("http://127.0.0.1:8080", "http://127.0.0.1:" + port));
    }
  }

  @Test
  void theGuideNamesEveryScope() throws Exception {
    String text = Files.readString(GUIDE);
    for (Scope scope : Scope.values()) {
      assertThat(text).contains("`" + scope.wireName() + "`");
    }
  }
}
