package ai.molecule.edge.app;

/** How the process ends. */
final class ExitCode {
  /** Stopped in an orderly way, by a signal too; or the work of a command is done. */
  static final int OK = 0;

  /** Could not start, or failed. */
  static final int FAILED = 1;

  /** The command line or the configuration is wrong. */
  static final int USAGE = 2;

  /** A second signal cut the drain short. */
  static final int FORCED = 130;

  private ExitCode() {}
}
