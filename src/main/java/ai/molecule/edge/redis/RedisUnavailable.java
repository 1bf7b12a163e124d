package ai.molecule.edge.redis;

/**
 * Redis did not do what it was asked, for want of a server that answers: an expected outcome that
 * carries no stack trace. Callers fall back (limiter) or refuse (authentication).
 */
public final class RedisUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final RedisUnavailable NOT_CONNECTED = new RedisUnavailable(Reason.NOT_CONNECTED);
  static final RedisUnavailable TIMED_OUT = new RedisUnavailable(Reason.TIMED_OUT);
  static final RedisUnavailable LOST = new RedisUnavailable(Reason.LOST);
  static final RedisUnavailable SATURATED = new RedisUnavailable(Reason.SATURATED);
  static final RedisUnavailable BREAKER_OPEN = new RedisUnavailable(Reason.BREAKER_OPEN);
  static final RedisUnavailable REFUSED = new RedisUnavailable(Reason.REFUSED);

  /** Why. */
  public enum Reason {
    /** There is no connection, or its incarnation is not known yet. It did not run. */
    NOT_CONNECTED(false),
    /** No answer within the deadline. It may have run: never repeat it. */
    TIMED_OUT(true),
    /** The connection ended before the answer. It may have run: never repeat it. */
    LOST(true),
    /** Too many commands await their answers. It did not run. */
    SATURATED(false),
    /** Recent commands failed, and it is not time for a probe. It did not run. */
    BREAKER_OPEN(false),
    /** The server answers but does not serve (loading, read only, out of memory). */
    REFUSED(false);

    private final boolean mayHaveRun;

    Reason(boolean mayHaveRun) {
      this.mayHaveRun = mayHaveRun;
    }

    /** Whether the command may have taken effect all the same. */
    public boolean mayHaveRun() {
      return mayHaveRun;
    }
  }

  private final Reason reason;

  private RedisUnavailable(Reason reason) {
    super("redis unavailable: " + reason, null, false, false);
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
