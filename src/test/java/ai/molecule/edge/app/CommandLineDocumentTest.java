package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * docs/cli.md lists each command with its options and exit codes, and nothing that is not there.
 */
class CommandLineDocumentTest {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([a-z -]+)[^`]*` \\|[^|]*\\|([^|]*)\\| ([0-9, ]+) \\|$");
  private static final Pattern OPTION = Pattern.compile("`(--[a-z-]+)");

  /** Options that many commands have are told once, above the table. */
  private static final Set<String> TOLD_ONCE =
      Set.of("--help", "--version", "--config", "--url", "--token-file", "--timeout");

  /** Which does not say how it ends: as every command does whose line alone can be wrong. */
  private static final String OF_PICOCLI = "generate-completion";

  /** The words of a command, and what is told of it. */
  private record Told(String command, Set<String> options, Set<String> exitCodes) {}

  @Test
  void eachCommandWithItsOptionsAndExitCodes() throws IOException {
    List<Told> told =
        ROW.matcher(Files.readString(Path.of("docs/cli.md")))
            .results()
            .map(CommandLineDocumentTest::told)
            .toList();
    Map<String, Told> there = new TreeMap<>();
    collect("", Main.commandLine(), there);
    assertThat(told).containsExactlyInAnyOrderElementsOf(there.values());
  }

  @Test
  void whatIsToldOnceIsTold() throws IOException {
    String document = Files.readString(Path.of("docs/cli.md"));
    TOLD_ONCE.forEach(option -> assertThat(document).contains("`" + option));
  }

  private static Told told(MatchResult row) {
    Set<String> options =
        OPTION
            .matcher(row.group(2))
            .results()
            .map(option -> option.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    return new Told(
        row.group(1).strip(), options, new TreeSet<>(List.of(row.group(3).strip().split(", "))));
  }

  /** Those that do something: a command with others below it does nothing itself. */
  private static void collect(String prefix, CommandLine command, Map<String, Told> there) {
    command
        .getSubcommands()
        .forEach(
            (name, below) -> {
              String words = (prefix + " " + name).strip();
              if (below.getSubcommands().isEmpty()) {
                there.put(words, model(words, below.getCommandSpec()));
              } else {
                collect(words, below, there);
              }
            });
  }

  private static Told model(String words, CommandSpec spec) {
    Set<String> options =
        spec.options().stream()
            .map(OptionSpec::longestName)
            .filter(option -> !TOLD_ONCE.contains(option))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> exitCodes = new TreeSet<>(spec.usageMessage().exitCodeList().keySet());
    if (words.equals(OF_PICOCLI)) {
      exitCodes.addAll(Set.of("0", "2"));
    }
    return new Told(words, options, exitCodes);
  }
}
