package ai.molecule.edge.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A collection of the API.
 *
 * @param path where it is
 * @param columns what a list of it shows
 */
record ApiCollection(String path, List<Table.Column> columns) {
  /**
   * The path of one of it, whatever is in its name.
   *
   * @throws CommandFailure when nothing can have that name
   */
  String one(String name) throws CommandFailure {
    if (name.isBlank() || name.equals(".") || name.equals("..")) {
      throw new CommandFailure(CliExit.USAGE, "\"" + name + "\" is no name");
    }
    return path + "/" + encoded(name);
  }

  /** A text as it stands in a path or in a query. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
