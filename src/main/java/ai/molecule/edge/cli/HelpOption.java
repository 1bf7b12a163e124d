package ai.molecule.edge.cli;

import picocli.CommandLine.Option;

/** {@code --help}, for every command. */
public final class HelpOption {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and end.")
  private boolean asked;

  /** Made by the command line. */
  public HelpOption() {}
}
