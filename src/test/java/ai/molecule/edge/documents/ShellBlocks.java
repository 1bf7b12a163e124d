package ai.molecule.edge.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shell blocks of a document, as one session of a newcomer who pastes them in order. A block in
 * {@code text} or {@code json} after a shell block is what that one prints.
 */
public final class ShellBlocks {
  private static final Pattern FENCED =
      Pattern.compile("(?ms)^```([a-z]+)\\n(.*?)^```$|^(#+ .*?)$");
  private static final String MARK = "\u0001 block ";
  private static final int SECONDS_MAX = 120;

  private record Block(int line, String commands, List<Result> results) {}

  private record Result(String language, String text) {}

  private final Path document;
  private final List<Block> blocks;

  private ShellBlocks(Path document, List<Block> blocks) {
    this.document = document;
    this.blocks = blocks;
  }

  /** The blocks of the whole document. */
  public static ShellBlocks of(Path document) {
    return parse(document, "");
  }

  /** The blocks below that heading, up to the next heading of whatever level. */
  public static ShellBlocks below(Path document, String heading) {
    return parse(document, heading);
  }

  private static ShellBlocks parse(Path document, String heading) {
    String text;
    try {
      text = Files.readString(document);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Block> blocks = new ArrayList<>();
    boolean within = heading.isEmpty();
    Matcher each = FENCED.matcher(text);
    while (each.find()) {
      if (each.group(3) != null) {
        within = heading.isEmpty() || each.group(3).strip().equals(heading);
      } else if (within) {
        take(blocks, lineAt(text, each.start()), each.group(1), each.group(2));
      }
    }
    return new ShellBlocks(document, blocks);
  }

  private static void take(List<Block> blocks, int line, String language, String body) {
    switch (language) {
      case "sh", "bash" -> blocks.add(new Block(line, body, new ArrayList<>()));
      case "text", "json" -> {
        if (!blocks.isEmpty()) {
          blocks.getLast().results().add(new Result(language, body));
        }
      }
      default -> {
        // Not part of the session.
      }
    }
  }

  private static int lineAt(String text, int offset) {
    return 1 + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
  }

  /** The commands of each block, as printed. */
  public List<String> commands() {
    return blocks.stream().map(Block::commands).toList();
  }

  /** How many blocks say what they print. */
  public long results() {
    return blocks.stream().filter(block -> !block.results().isEmpty()).count();
  }

  /**
   * Runs the blocks in one POSIX shell, which ends at the first command that fails.
   *
   * @param replaced texts of the document, such as the default address, and what stands for them
   *     here
   * @throws AssertionError with the first block that fails, or prints other than the document says
   */
  public void run(Path directory, Map<String, String> environment, Map<String, String> replaced)
      throws IOException, InterruptedException {
    StringBuilder script = new StringBuilder("set -e\n");
    for (int i = 0; i < blocks.size(); i++) {
      String commands = blocks.get(i).commands();
      for (Map.Entry<String, String> each : replaced.entrySet()) {
        commands = commands.replace(each.getKey(), each.getValue());
      }
      script.append("printf '\\n").append(MARK).append(i).append("\\n'\n").append(commands);
    }
    Path file = Files.writeString(directory.resolve("session.sh"), script);
    Path printed = directory.resolve("session.txt");
    ProcessBuilder builder =
        new ProcessBuilder("sh", file.toAbsolutePath().toString())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile());
    builder.environment().putAll(environment);
    Process shell = builder.start();
    try {
      if (!shell.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new AssertionError("still running:\n" + Files.readString(printed));
      }
    } finally {
      shell.destroyForcibly();
    }
    compare(Files.readString(printed), shell.exitValue(), replaced);
  }

  private void compare(String printed, int exit, Map<String, String> replaced) {
    String[] parts = printed.split("\n" + MARK + "\\d+\n", -1);
    for (int i = 0; i < parts.length - 1; i++) {
      Block block = blocks.get(i);
      String where = document + ":" + block.line() + ": ";
      if (i == parts.length - 2 && exit != 0) {
        throw new AssertionError(
            where + "exit " + exit + " of\n" + block.commands() + parts[i + 1]);
      }
      String actual = parts[i + 1];
      for (Map.Entry<String, String> each : replaced.entrySet()) {
        actual = actual.replace(each.getValue(), each.getKey());
      }
      for (Result result : block.results()) {
        String judged = actual;
        PrintedResult.difference(result.language(), result.text(), judged)
            .ifPresent(
                difference -> {
                  throw new AssertionError(where + difference);
                });
      }
    }
    if (parts.length - 1 < blocks.size()) {
      throw new AssertionError(document + ": the session ended early:\n" + printed);
    }
  }
}
