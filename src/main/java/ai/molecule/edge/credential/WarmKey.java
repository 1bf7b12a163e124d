package ai.molecule.edge.credential;

import org.jspecify.annotations.Nullable;

/** A key that one event loop holds, at one version. Used on that loop, within one turn of it. */
public interface WarmKey {
  /** When it was last used on this node, and its calls. */
  LastUse.Cell use();

  /** Whether it is a partner's key, and no grace period ends it: asked instead of its record. */
  boolean isPlain();

  /** What was left here by whoever renders this version of the key, or null. */
  @Nullable Object rendering();

  /** Leaves something here that is gone when the key is dropped. */
  void rendering(Object rendered);
}
