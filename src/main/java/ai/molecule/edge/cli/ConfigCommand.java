package ai.molecule.edge.cli;

import ai.molecule.edge.config.ConfigException;
import ai.molecule.edge.config.ConfigLoader;
import ai.molecule.edge.config.ConfigLoader.Purpose;
import ai.molecule.edge.config.ConfigProblem;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code config}: what concerns the configuration alone. */
@Command(name = "config", description = "Check the configuration.")
public final class ConfigCommand {
  private ConfigCommand() {}

  /**
   * The command with its subcommand.
   *
   * @param serving what a start of the server here would read the configuration for
   */
  public static CommandLine of(Supplier<Purpose> serving) {
    return new CommandLine(new ConfigCommand()).addSubcommand(new Check(serving));
  }

  /** {@code config check}: what a start would say of it, without a start. */
  @Command(
      name = "check",
      description =
          "Read the file, the environment and the routes as a start does, and say what is wrong.",
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {
        "0:the edge would start with it",
        "2:it is refused; what is wrong is on the standard error stream, a line each"
      })
  static final class Check implements Callable<Integer> {
    private final Supplier<Purpose> serving;

    @Option(names = "--json", description = "Print what is wrong as JSON.")
    private boolean json;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the field.
    private Check(Supplier<Purpose> serving) {
      this.serving = serving;
    }

    @Override
    public Integer call() {
      List<ConfigProblem> problems = problems();
      if (json) {
        printJson(problems);
      } else if (problems.isEmpty()) {
        spec.commandLine().getOut().println("the configuration is complete and allowed");
      } else {
        problems.forEach(spec.commandLine().getErr()::println);
      }
      spec.commandLine().getOut().flush();
      spec.commandLine().getErr().flush();
      return problems.isEmpty() ? CliExit.OK : CliExit.USAGE;
    }

    private List<ConfigProblem> problems() {
      try {
        ConfigLoader.load(
            Optional.ofNullable(file()),
            System.getenv(),
            Path.of("").toAbsolutePath(),
            serving.get());
        return List.of();
      } catch (ConfigException e) {
        return e.problems();
      }
    }

    /** The option of the root command, which all commands inherit. */
    private @Nullable Path file() {
      @Nullable OptionSpec option = spec.root().findOption("--config");
      return option == null ? null : option.getValue();
    }

    private void printJson(List<ConfigProblem> problems) {
      ObjectNode answer = EdgeClient.JSON.createObjectNode();
      answer.put("allowed", problems.isEmpty());
      ArrayNode list = answer.putArray("problems");
      for (ConfigProblem problem : problems) {
        list.addObject()
            .put("key", problem.key())
            .put("source", problem.source())
            .put("message", problem.message());
      }
      PrintWriter out = spec.commandLine().getOut();
      out.println(answer.toPrettyString());
    }
  }
}
