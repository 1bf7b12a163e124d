package ai.molecule.edge.scan;

import static ai.molecule.edge.credential.ExampleCredentials.LIVE_KEY;
import static ai.molecule.edge.credential.ExampleCredentials.TEST_KEY;
import static ai.molecule.edge.credential.ExampleCredentials.WORKSPACE_TOKEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.molecule.edge.credential.ExampleCredentials;
import ai.molecule.edge.scan.TestRepository.Ended;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The hook in a real repository, under real commits, with every shell and awk of this machine. */
class PreCommitHookTest {
  private static final Path HOOK = Path.of("docs/hooks/pre-commit").toAbsolutePath();

  @TempDir Path temporary;
  private TestRepository repository;

  @BeforeEach
  void repositoryWithTheHook() throws Exception {
    assumeTrue(TestRepository.gitIsHere(), "there is no git on this machine");
    assumeTrue(find("sh").isPresent(), "there is no shell on this machine");
    repository = TestRepository.in(temporary.resolve("repository"));
    Path hooks = Files.createDirectories(repository.folder().resolve(".git/hooks"));
    Files.copy(HOOK, hooks.resolve("pre-commit"), StandardCopyOption.COPY_ATTRIBUTES);
  }

  private static Optional<Path> find(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private Ended commit() throws Exception {
    repository.git("add", "--all");
    return repository.tryGit("commit", "--quiet", "-m", "a change");
  }

  private void refused(String... told) throws Exception {
    Ended ended = commit();
    assertThat(ended.code()).as(ended.output()).isEqualTo(1);
    assertThat(ended.output()).contains(told).doesNotContain("AAAA");
  }

  private void accepted() throws Exception {
    Ended ended = commit();
    assertThat(ended).isEqualTo(new Ended(0, ""));
  }

  @Test
  void theFirstCommitIsLookedAtToo() throws Exception {
    repository.write("key", "one\ntwo " + LIVE_KEY + "\n");
    refused("key:2: mol_pk_live_...HjmP");
  }

  @Test
  void eachKindAnywhereInALineAndSeveralInOne() throws Exception {
    repository.write("all", "x" + LIVE_KEY + "x" + TEST_KEY + WORKSPACE_TOKEN + "_" + LIVE_KEY);
    refused(
        "all:1: mol_pk_live_...HjmP\n"
            + "all:1: mol_pk_test_...O19k\n"
            + "all:1: mol_ws_...ic4X\n"
            + "all:1: mol_pk_live_");
  }

  @Test
  void whatHasTheFormWithoutTheChecksumIsAccepted() throws Exception {
    repository.write("almost", LIVE_KEY.replace("HjmP", "HjmQ") + "\n" + LIVE_KEY.substring(1));
    accepted();
  }

  @Test
  void aLineWithTheMarkerIsAcceptedAndNoOther() throws Exception {
    repository.write("docs.md", "| " + LIVE_KEY + " | <!-- partner-edge:allow -->\n");
    accepted();
    repository.write("docs.md", "| " + LIVE_KEY + " |\n");
    refused("docs.md:1: ");
  }

  @Test
  void theStagedContentCountsAndNotTheFilesThemselves() throws Exception {
    repository.write("file", "staged " + TEST_KEY + "\n");
    repository.git("add", "file");
    repository.write("file", "clean\n");
    assertThat(repository.tryGit("commit", "-m", "x").code()).isEqualTo(1);

    repository.git("add", "file");
    repository.write("file", "not staged " + TEST_KEY + "\n");
    assertThat(repository.tryGit("commit", "--quiet", "-m", "x").code()).isZero();
  }

  @Test
  void onlyWhatACommitAddsCounts() throws Exception {
    repository.write("old", "a\n" + LIVE_KEY + "\nb\n").commit("before the hook was there");
    repository.write("old", "a\n" + LIVE_KEY + "\nb\nc\n");
    accepted();
    Files.delete(repository.folder().resolve("old"));
    accepted();
  }

  @Test
  void filesOfAnyNameKindAndEncoding() throws Exception {
    byte[] noise = new byte[100_000];
    new Random(5).nextBytes(noise);
    byte[] binary = Arrays.copyOf(noise, noise.length + TEST_KEY.length());
    System.arraycopy(
        TEST_KEY.getBytes(StandardCharsets.US_ASCII), 0, binary, noise.length, TEST_KEY.length());
    repository
        .write("sp ace", TEST_KEY)
        .write("-n", TEST_KEY)
        .write("new\nline", TEST_KEY)
        .write("quo\"te", "++ b/fake\n" + TEST_KEY)
        .write("binary.png", binary)
        .write("utf16", ("x\r\n" + TEST_KEY + "\r\n").getBytes(StandardCharsets.UTF_16LE))
        .write(".gitattributes", "hidden -diff\n*.png binary\n")
        .write("hidden", TEST_KEY);
    refused(
        "sp ace:1: ",
        "-n:1: ",
        "\"new\\nline\":1: ",
        "\"quo\\\"te\":2: ",
        "binary.png:",
        "utf16:2: ",
        "hidden:1: ");
  }

  @Test
  void theUsersOwnSettingsOfDiffDoNotBlindIt() throws Exception {
    for (String setting :
        List.of(
            "diff.noprefix=true",
            "diff.mnemonicPrefix=true",
            "diff.context=9",
            "diff.interHunkContext=9",
            "diff.external=false",
            "diff.renames=copies",
            "diff.relative=true",
            "color.ui=always",
            "core.quotePath=false",
            "diff.wordRegex=.")) {
      String[] pair = setting.split("=", 2);
      repository.git("config", pair[0], pair[1]);
    }
    repository.write("file", "1\n2\n3\n4\n5\n").commit("before");
    repository.write("file", "1\n2\nx\n4\n5 " + WORKSPACE_TOKEN + "\n");
    refused("file:5: mol_ws_...ic4X");
  }

  @Test
  void aRenamedFileAndAMergeAreLookedAt() throws Exception {
    repository.write("file", "base\n").commit("one");
    repository.git("checkout", "--quiet", "-b", "side");
    repository.write("file", "side\n").commit("two");
    repository.git("checkout", "--quiet", "main");
    repository.write("file", "main\n").commit("three");
    repository.tryGit("merge", "side");
    repository.write("file", "merged " + LIVE_KEY + "\n");
    refused("file:1: ");
    repository.git("reset", "--quiet", "--hard");
    repository.git("mv", "file", "moved");
    repository.write("moved", "main\n" + TEST_KEY + "\n");
    refused("moved:2: ");
  }

  @Test
  void filesNamedAsArgumentsAreLookedAtThemselves() throws Exception {
    repository.write("a b", "\n" + LIVE_KEY).write("clean", "x").write("-c", "x " + TEST_KEY);
    assertThat(hook("sh", Map.of(), "clean", "gone").code()).isZero();
    Ended found = hook("sh", Map.of(), "clean", "a b", "./-c");
    assertThat(found.code()).isEqualTo(1);
    assertThat(found.output()).contains("a b:2: ", "./-c:1: ");
    repository.write("red\u001b[31m", TEST_KEY);
    assertThat(hook("sh", Map.of(), "red\u001b[31m").output()).startsWith("red?[31m:1: ");
  }

  @Test
  void whereItCannotLookItRefuses() throws Exception {
    Ended outside =
        TestRepository.in(temporary.resolve("other"))
            .run(
                Map.of("GIT_DIR", temporary.resolve("none").toString()),
                List.of("sh", HOOK.toString()));
    assertThat(outside.code()).as(outside.output()).isEqualTo(2);
    Path broken = Files.createDirectories(temporary.resolve("broken"));
    Path awk = Files.writeString(broken.resolve("awk"), "#!/bin/sh\nexit 1\n");
    assertThat(awk.toFile().setExecutable(true)).isTrue();
    repository.write("file", "clean");
    repository.git("add", "--all");
    Map<String, String> path = Map.of("PATH", broken + File.pathSeparator + System.getenv("PATH"));
    assertThat(hook("sh", path).code()).isEqualTo(2);
  }

  static Stream<List<String>> interpreters() {
    List<List<String>> all = new ArrayList<>();
    for (String shell : List.of("sh", "dash", "bash", "ksh", "mksh", "zsh", "busybox")) {
      for (String awk : List.of("awk", "mawk", "gawk", "original-awk", "busybox")) {
        if (find(shell).isPresent() && find(awk).isPresent()) {
          all.add(List.of(shell, awk));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("interpreters")
  void everyShellAndAwkComputesTheSame(List<String> interpreters) throws Exception {
    String shell = interpreters.get(0);
    String awk = interpreters.get(1);
    Path tools = Files.createDirectories(temporary.resolve("tools"));
    String run = awk.equals("busybox") ? "busybox awk" : find(awk).orElseThrow().toString();
    Path chosen = Files.writeString(tools.resolve("awk"), "#!/bin/sh\nexec " + run + " \"$@\"\n");
    assertThat(chosen.toFile().setExecutable(true)).isTrue();
    Random random = new Random(11);
    StringBuilder text = new StringBuilder("\0\n");
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      StringBuilder digits = new StringBuilder();
      for (int j = 0; j < 32; j++) {
        int digit = random.nextInt(62);
        digits.append(
            (char) (digit < 10 ? '0' + digit : digit < 36 ? 'A' + digit - 10 : 'a' + digit - 36));
      }
      String[] prefixes = {"mol_pk_live_", "mol_pk_test_", "mol_ws_"};
      String prefix = prefixes[i % 3];
      String credential = ExampleCredentials.checked(prefix + digits);
      text.append(i % 5 == 0 ? credential.substring(0, credential.length() - 1) + "-" : credential);
      text.append('\n');
      if (i % 5 != 0) {
        String last4 = credential.substring(credential.length() - 4);
        expected.append("file:" + (i + 2) + ": " + prefix + "..." + last4 + "\n");
      }
    }
    repository.write("file", text.toString());
    repository.git("add", "--all");
    Map<String, String> path = Map.of("PATH", tools + File.pathSeparator + System.getenv("PATH"));
    assertThat(hook(shell, path).output()).startsWith(expected.toString());
    assertThat(hook(shell, path, "file").output()).startsWith(expected.toString());
  }

  @Test
  void aCredentialThatEndsInTheLettersOfThePrefixIsFound() throws Exception {
    Random random = new Random(3);
    String credential;
    do {
      credential =
          ExampleCredentials.checked(
              "mol_ws_" + "0".repeat(20) + (100_000_000_000L + random.nextLong(100_000_000_000L)));
    } while (!credential.endsWith("mol"));
    repository.write("file", credential + "_" + credential + "\n");
    repository.git("add", "--all");
    assertThat(hook("sh", Map.of()).output()).contains("1: mol_ws_", "mol\nfile:1: mol_ws_");
  }

  private Ended hook(String shell, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(shell);
    if (shell.equals("busybox")) {
      command.add("sh");
    }
    command.add(HOOK.toString());
    command.addAll(List.of(arguments));
    return repository.run(environment, command);
  }
}
