package ai.molecule.edge.scan;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the git of this machine's path in one repository. */
final class Git {
  private static final int WORDS_BYTES_MAX = 4096;

  private final Path repository;

  private Git(Path repository) {
    this.repository = repository;
  }

  /** What reads a command's output. */
  @FunctionalInterface
  interface Reader {
    /** Reads to the end. */
    void read(InputStream output) throws IOException;
  }

  /**
   * The git of the repository that a path is in.
   *
   * @throws ScanException when there is no git, or it takes the path for no repository
   */
  static Git at(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new ScanException("there is no file or folder " + path);
    }
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    Git git = new Git(folder == null ? path : folder);
    git.words("rev-parse", "--git-dir");
    return git;
  }

  /** Whether the history ends where a clone was cut off. */
  boolean isShallow() throws IOException {
    return words("rev-parse", "--is-shallow-repository").equals("true");
  }

  /** What a command answers in a few words. */
  private String words(String... arguments) throws IOException {
    Process process = start(List.of(command(arguments).redirectErrorStream(true))).getFirst();
    try (InputStream output = process.getInputStream()) {
      String words = new String(output.readNBytes(WORDS_BYTES_MAX), StandardCharsets.UTF_8).strip();
      output.transferTo(OutputStream.nullOutputStream());
      if (awaitEnd(process) != 0) {
        throw new ScanException("git refused " + repository + ": " + words);
      }
      return words;
    } finally {
      process.destroy();
    }
  }

  /**
   * Lets one command write into the next and the last into {@code reader}.
   *
   * @throws ScanException when any of them fails
   */
  void pipe(List<String[]> commands, Reader reader) throws IOException {
    List<ProcessBuilder> builders = new ArrayList<>();
    for (String[] arguments : commands) {
      builders.add(command(arguments).redirectError(ProcessBuilder.Redirect.DISCARD));
    }
    List<Process> processes = start(builders);
    try (InputStream output = processes.getLast().getInputStream()) {
      reader.read(output);
      for (int i = 0; i < processes.size(); i++) {
        int code = awaitEnd(processes.get(i));
        if (code != 0) {
          throw new ScanException(
              "git " + commands.get(i)[0] + " failed in " + repository + " (exit " + code + ")");
        }
      }
    } finally {
      processes.forEach(Process::destroy);
    }
  }

  private ProcessBuilder command(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "--no-replace-objects"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(repository.toFile());
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  private static List<Process> start(List<ProcessBuilder> builders) throws IOException {
    try {
      return ProcessBuilder.startPipeline(builders);
    } catch (IOException e) {
      throw new ScanException("git is needed to read a history, and it does not start here", e);
    }
  }

  private static int awaitEnd(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ScanException("interrupted", e);
    }
  }
}
