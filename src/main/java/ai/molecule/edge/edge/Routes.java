package ai.molecule.edge.edge;

import java.util.function.Supplier;

/**
 * The routes in force on this node: one table at a time, replaced as a whole. Safe on any thread.
 */
public final class Routes implements Supplier<RouteTable> {
  private volatile RouteTable table;

  /** Begins with {@code table}. */
  public Routes(RouteTable table) {
    this.table = table;
  }

  @Override
  public RouteTable get() {
    return table;
  }

  /** From now on {@code newer} is in force; requests under way stay on the route they have. */
  void replace(RouteTable newer) {
    table = newer;
  }
}
