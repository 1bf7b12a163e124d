package ai.molecule.edge.edge;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The routes a node starts with, and where newer ones are read from.
 *
 * @param file looked at while the node runs; empty for routes that stay as they are
 * @param table what stood there at start
 */
public record RoutesConfig(Optional<Path> file, RouteTable table) {
  /** No routes, now and later. */
  public static RoutesConfig none() {
    return new RoutesConfig(Optional.empty(), RouteTable.EMPTY);
  }
}
