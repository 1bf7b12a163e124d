package ai.molecule.edge.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration is refused; everything that is wrong with it is listed. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;

  /** With at least one problem. */
  public ConfigException(List<ConfigProblem> problems) {
    super(
        problems.stream()
            .map(problem -> "  " + problem)
            .collect(Collectors.joining("\n", "the configuration is refused:\n", "")));
    this.problems = List.copyOf(problems);
  }

  /** Everything that is wrong, in the order of the keys. */
  public List<ConfigProblem> problems() {
    return problems;
  }
}
