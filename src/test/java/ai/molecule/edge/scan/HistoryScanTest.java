package ai.molecule.edge.scan;

import static ai.molecule.edge.credential.ExampleCredentials.LIVE_KEY;
import static ai.molecule.edge.credential.ExampleCredentials.TEST_KEY;
import static ai.molecule.edge.credential.ExampleCredentials.WORKSPACE_TOKEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All that the refs of a real repository lead to is scanned, and told where it came from. */
class HistoryScanTest {
  @TempDir Path temporary;
  private TestRepository repository;

  @BeforeEach
  void repository() throws Exception {
    assumeTrue(TestRepository.gitIsHere(), "there is no git on this machine");
    repository = TestRepository.in(temporary.resolve("repository"));
  }

  private ScanReport scan() throws Exception {
    return HistoryScan.scan(repository.folder(), (files, bytes) -> {});
  }

  @Test
  void aKeyTakenOutAgainIsToldWithTheCommitThatBroughtIt() throws Exception {
    repository.write("first", "nothing").commit("one");
    String commit = repository.write("deep/a b", "x\ny " + LIVE_KEY).commit("two");
    repository.write("deep/a b", "x\nz " + LIVE_KEY).commit("three");
    repository.write("deep/a b", "x\n").commit("four");

    assertThat(scan().findings())
        .extracting(Finding::path, Finding::line)
        .containsExactly(tuple("deep/a b", 2L), tuple("deep/a b", 2L));
    assertThat(scan().findings()).extracting(Finding::commit).contains(commit);
    assertThat(TreeScan.scan(repository.folder(), (files, bytes) -> {}).findings()).isEmpty();
  }

  @Test
  void anObjectSharedByManyCommitsIsToldOnceWithTheOldest() throws Exception {
    String commit = repository.write("key", TEST_KEY).commit("one");
    repository.write("other", "x").commit("two");
    Files.move(repository.folder().resolve("key"), repository.folder().resolve("moved"));
    repository.commit("three");

    assertThat(scan().findings())
        .extracting(Finding::path, Finding::commit)
        .containsExactly(tuple("key", commit));
  }

  @Test
  void branchesTagsAndStashesCountAndSoDoMessages() throws Exception {
    repository.write("readme", "x").commit("one");
    repository.git("checkout", "--quiet", "-b", "side");
    repository.write("on-a-branch", LIVE_KEY).commit("two");
    repository.git("checkout", "--quiet", "main");
    String told = repository.write("readme", "y").commit("oops " + TEST_KEY);
    repository.git("tag", "-a", "v1", "-m", "for " + WORKSPACE_TOKEN);
    repository.write("readme", "z " + WORKSPACE_TOKEN);
    repository.git("stash", "--quiet");
    repository.write("blob", "a tag of a file " + LIVE_KEY);
    repository.git("tag", "file", repository.git("hash-object", "-w", "blob"));

    assertThat(scan().findings())
        .extracting(Finding::path)
        .contains("on-a-branch", "(commit message)", "(tag message)", "readme", "(no path)");
    assertThat(scan().findings())
        .filteredOn(finding -> finding.path().equals("(commit message)"))
        .extracting(Finding::commit)
        .contains(told);
  }

  @Test
  void whatOnlyAMergeBroughtIsToldWithTheMerge() throws Exception {
    repository.write("file", "base\n").commit("one");
    repository.git("checkout", "--quiet", "-b", "side");
    repository.write("file", "side\n").commit("two");
    repository.git("checkout", "--quiet", "main");
    repository.write("file", "main\n").commit("three");
    assertThat(repository.tryGit("merge", "--quiet", "side").code()).isNotZero();
    String merge = repository.write("file", LIVE_KEY + "\n").commit("merged");

    assertThat(scan().findings())
        .extracting(Finding::path, Finding::commit)
        .containsExactly(tuple("file", merge));
  }

  @Test
  void theMarkerAllowsALineInAHistoryToo() throws Exception {
    repository.write("docs", LIVE_KEY + " <!-- partner-edge:allow -->").commit("one");
    assertThat(scan().findings()).isEmpty();
  }

  @Test
  void anEmptyRepositoryIsClean() throws Exception {
    assertThat(scan().findings()).isEmpty();
  }

  @Test
  void aShallowCloneIsScannedAndSaysSo() throws Exception {
    repository.write("key", LIVE_KEY).commit("one");
    repository.write("key", "gone").commit("two");
    TestRepository clone = TestRepository.in(temporary.resolve("clone"));
    clone.git("fetch", "--quiet", "--depth=1", repository.folder().toUri().toString(), "main:got");

    ScanReport report = HistoryScan.scan(clone.folder(), (files, bytes) -> {});
    assertThat(report.findings()).isEmpty();
    assertThat(report.remarks()).singleElement().asString().contains("shallow");
  }

  @Test
  void whatIsNoRepositoryIsSaidInASentence() {
    assertThatThrownBy(() -> HistoryScan.scan(temporary, (files, bytes) -> {}))
        .isInstanceOf(ScanException.class)
        .hasMessageContaining("not a git repository");
    assertThatThrownBy(() -> HistoryScan.scan(temporary.resolve("nowhere"), (files, bytes) -> {}))
        .isInstanceOf(ScanException.class)
        .hasMessageContaining("no file or folder");
  }
}
