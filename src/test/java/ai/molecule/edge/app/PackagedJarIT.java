package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.molecule.edge.credential.ExampleCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as it is handed out, started with {@code java -jar} and nothing else. */
final class PackagedJarIT {
  private static final Path JAR = Path.of("target/partner-edge.jar").toAbsolutePath();
  private static final int SECONDS_MAX = 60;

  @TempDir Path folder;

  @BeforeEach
  void packaged() {
    assumeTrue(Files.exists(JAR), "not packaged: " + JAR);
  }

  private record Ended(int code, String output) {}

  private Ended run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("packaged", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("EDGE_"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  @Test
  void itScans() throws Exception {
    Path tree = Files.createDirectories(folder.resolve("tree"));
    assertThat(run("scan", "tree").code()).isZero();
    Files.writeString(tree.resolve("file"), ExampleCredentials.LIVE_KEY);
    assertThat(run("scan", "tree", "--format", "sarif").code()).isEqualTo(1);
    assertThat(run("scan", "nowhere").code()).isEqualTo(2);
  }

  @Test
  void itNeedsItsStoresNamedAndSaysSoWithoutAStart() throws Exception {
    Ended ended = run("config", "check");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.output()).contains("postgres.uri", "redis.uri", "admin.token");
  }

  @Test
  void itKnowsItsVersionAndItsCommands() throws Exception {
    assertThat(run("--version").output())
        .startsWith("partner-edge ")
        .doesNotContain("not packaged");
    assertThat(run("--help").output()).contains("keys", "orgs", "scan", "config");
  }
}
