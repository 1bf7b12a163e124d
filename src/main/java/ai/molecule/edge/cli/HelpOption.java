package ai.molecule.edge.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code --help}, for every command. */
public final class HelpOption {
  private static final String NAME = "--help";

  private HelpOption() {}

  /** Gives it to each command below {@code command} that has none. */
  public static void addBelow(CommandLine command) {
    for (CommandLine below : command.getSubcommands().values()) {
      CommandSpec spec = below.getCommandSpec();
      if (spec.findOption(NAME) == null) {
        spec.addOption(
            OptionSpec.builder("-h", NAME)
                .usageHelp(true)
                .description("Show this help and end.")
                .build());
      }
      addBelow(below);
    }
  }
}
