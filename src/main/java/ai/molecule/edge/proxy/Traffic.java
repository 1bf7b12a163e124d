package ai.molecule.edge.proxy;

/**
 * Whether anything goes over a connection: traffic sets a flag, and now and then somebody looks at
 * it, so that no clock is read for it. Used on one event loop only.
 */
final class Traffic {
  private boolean went;
  private int quietLooks;

  /** Something went over the connection. */
  void went() {
    went = true;
  }

  /** How many looks in a row, this one included, have seen nothing while something should go. */
  int quietLooks(boolean nothingIsToGo) {
    quietLooks = went || nothingIsToGo ? 0 : quietLooks + 1;
    went = false;
    return quietLooks;
  }
}
