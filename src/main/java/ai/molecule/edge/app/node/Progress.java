package ai.molecule.edge.app.node;

/** Told, in words, what a start is doing. May be called from any thread. */
@FunctionalInterface
public interface Progress {
  /** The next thing is being done. */
  void step(String what);
}
