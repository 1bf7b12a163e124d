package ai.molecule.edge.redis;

/** Failures of Redis as the model of the revocation protocol hands them out. */
public final class ModelRedisFailures {
  private ModelRedisFailures() {}

  /** A noted incarnation is not the one of now. */
  public static RuntimeException incarnationChanged() {
    return IncarnationChanged.INSTANCE;
  }

  /** No answer: the command may have run, or may run yet. */
  public static RuntimeException noAnswer() {
    return RedisUnavailable.TIMED_OUT;
  }
}
