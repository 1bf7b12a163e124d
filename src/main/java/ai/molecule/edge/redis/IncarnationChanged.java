package ai.molecule.edge.redis;

/**
 * Redis is not in the incarnation that the caller noted, and nothing was run. What was read before
 * may be older than a change that Redis has forgotten: start over from the truth.
 */
public final class IncarnationChanged extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final IncarnationChanged INSTANCE = new IncarnationChanged();

  private IncarnationChanged() {
    super("redis changed its incarnation", null, false, false);
  }
}
