package ai.molecule.edge.scan;

import static ai.molecule.edge.credential.ExampleCredentials.LIVE_KEY;
import static ai.molecule.edge.credential.ExampleCredentials.TEST_KEY;
import static ai.molecule.edge.credential.ExampleCredentials.WORKSPACE_TOKEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.molecule.edge.credential.ExampleCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files below a folder are read, and what is told of them. */
class TreeScanTest {
  @TempDir Path folder;

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
  }

  private ScanReport scan() throws IOException {
    return TreeScan.scan(folder, (files, bytes) -> {});
  }

  @Test
  void filesOfAnyNameAndDepthAreRead() throws IOException {
    for (String name :
        new String[] {"a b", "-rf", ".hidden", "new\nline", "d/e/f.bin", "no.txt.gz"}) {
      write(name, "\n\n" + TEST_KEY);
    }
    assertThat(scan().findings())
        .extracting(Finding::path, Finding::line)
        .containsExactlyInAnyOrder(
            tuple("a b", 3L),
            tuple("-rf", 3L),
            tuple(".hidden", 3L),
            tuple("new\nline", 3L),
            tuple("d/e/f.bin", 3L),
            tuple("no.txt.gz", 3L));
    assertThat(scan().files()).isEqualTo(6);
  }

  @Test
  void everyOneOfManyPlantedInRandomBytesIsFound() throws IOException {
    Random random = new Random(7);
    Set<Long> lines = new HashSet<>();
    StringBuilder text = new StringBuilder();
    long line = 1;
    for (int i = 0; i < 2_000; i++) {
      byte[] noise = new byte[random.nextInt(4_000)];
      random.nextBytes(noise);
      String before = new String(noise, StandardCharsets.ISO_8859_1);
      line += before.chars().filter(c -> c == '\n').count();
      lines.add(line);
      StringBuilder digits = new StringBuilder();
      for (int j = 0; j < 32; j++) {
        digits.append(Character.forDigit(random.nextInt(36), 36));
      }
      String[] prefixes = {"mol_pk_live_", "mol_pk_test_", "mol_ws_"};
      text.append(before).append(ExampleCredentials.checked(prefixes[i % 3] + digits));
    }
    write("noise", text.toString());
    assertThat(scan().findings()).hasSize(2_000);
    assertThat(new HashSet<>(scan().findings().stream().map(Finding::line).toList()))
        .isEqualTo(lines);
  }

  @Test
  void aFindingShowsPrefixLastFourAndAFingerprintAndNoMore() throws IOException {
    write("key", LIVE_KEY);
    // The first digits of what sha256sum prints for the live key of the contract's vectors.
    assertThat(scan().findings().getFirst())
        .extracting(Finding::masked, Finding::fingerprint, Finding::commit)
        .containsExactly("mol_pk_live_...HjmP", "bff2cb42eed50744", null);
    assertThat(scan().findings().toString()).doesNotContain("AAAA");
  }

  @Test
  void symbolicLinksAreNotFollowed() throws IOException {
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("key"), WORKSPACE_TOKEN);
    Path tree = Files.createDirectories(folder.resolve("tree"));
    Files.createSymbolicLink(tree.resolve("out"), elsewhere);
    Files.createSymbolicLink(tree.resolve("file"), elsewhere.resolve("key"));
    Files.createSymbolicLink(tree.resolve("loop"), tree);
    assertThat(TreeScan.scan(tree, (files, bytes) -> {}).findings()).isEmpty();
    // The one that was asked for is another matter.
    Path asked = Files.createSymbolicLink(folder.resolve("asked"), elsewhere);
    assertThat(TreeScan.scan(asked, (files, bytes) -> {}).findings()).hasSize(1);
  }

  @Test
  void theInsideOfGitIsLeftOut() throws IOException {
    write(".git/logs/HEAD", TEST_KEY);
    write("module/.git/config", TEST_KEY);
    assertThat(scan().findings()).isEmpty();
  }

  @Test
  void aSingleFileWillDo() throws IOException {
    write("one", LIVE_KEY);
    write("two", LIVE_KEY);
    assertThat(TreeScan.scan(folder.resolve("one"), (files, bytes) -> {}).findings())
        .extracting(Finding::path)
        .containsExactly("one");
  }

  @Test
  void whatIsNotThereCannotBeScanned() {
    assertThatThrownBy(() -> TreeScan.scan(folder.resolve("nowhere"), (files, bytes) -> {}))
        .isInstanceOf(ScanException.class)
        .hasMessageContaining("nowhere");
  }
}
