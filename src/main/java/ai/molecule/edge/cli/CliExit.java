package ai.molecule.edge.cli;

/** How the commands that talk to a running edge end. */
final class CliExit {
  /** Done. */
  static final int OK = 0;

  /** The edge refused, or an org that was waited for did not come about. */
  static final int REFUSED = 1;

  /** The command line, the configuration or the token is wrong. */
  static final int USAGE = 2;

  /** No usable answer: nobody listens there, or it is no edge. */
  static final int NO_ANSWER = 3;

  /** The same for those who read {@code --help}. */
  static final String OK_WORDS = "0:done";

  static final String REFUSED_WORDS =
      "1:the edge refused; or what was waited for did not come about";
  static final String USAGE_WORDS = "2:the command line or the token is wrong";
  static final String NO_ANSWER_WORDS = "3:no answer, or none of an edge";

  private CliExit() {}
}
