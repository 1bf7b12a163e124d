package ai.molecule.edge.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A git repository in a folder of its own, driven as a user does it. */
final class TestRepository {
  private static final int SECONDS_MAX = 60;

  private final Path folder;

  private TestRepository(Path folder) {
    this.folder = folder;
  }

  /** How a command ended, and all that it printed. */
  record Ended(int code, String output) {}

  /** Whether this machine has git. */
  static boolean gitIsHere() {
    try {
      return new ProcessBuilder("git", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  static TestRepository in(Path folder) throws Exception {
    Files.createDirectories(folder);
    TestRepository repository = new TestRepository(folder);
    repository.git("init", "--quiet", "--initial-branch=main");
    repository.git("config", "user.name", "Somebody");
    repository.git("config", "user.email", "somebody@example.com");
    repository.git("config", "commit.gpgSign", "false");
    return repository;
  }

  Path folder() {
    return folder;
  }

  TestRepository write(String name, String text) throws IOException {
    return write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  TestRepository write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
    return this;
  }

  /** Runs git, which must succeed, and answers what it printed. */
  String git(String... arguments) throws Exception {
    Ended ended = tryGit(arguments);
    assertThat(ended.code()).as("%s: %s", Arrays.toString(arguments), ended.output()).isZero();
    return ended.output().strip();
  }

  Ended tryGit(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    return run(Map.of(), command);
  }

  /** Adds everything, commits it, and answers the commit. */
  String commit(String message) throws Exception {
    git("add", "--all");
    git("commit", "--quiet", "--no-verify", "-m", message);
    return git("rev-parse", "HEAD");
  }

  /** Runs a command in the folder, away from the configuration of this machine. */
  Ended run(Map<String, String> environment, List<String> command) throws Exception {
    Path output = Files.createTempFile("command", ".txt");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
      builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " does not end: " + Files.readString(output));
      }
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }
}
