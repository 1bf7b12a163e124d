package ai.molecule.edge.config;

/**
 * One thing wrong with the configuration.
 *
 * @param key the dotted name, or the variable's when no key belongs to it
 * @param source where the value came from: the file's path or the variable's name
 * @param message what is wrong and what is allowed; never a secret's value
 */
public record ConfigProblem(String key, String source, String message) {
  @Override
  public String toString() {
    return key + " (" + source + "): " + message;
  }
}
