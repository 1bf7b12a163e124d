package ai.molecule.edge.postgres;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * Tells a Postgres that cannot serve from a statement that Postgres refused. Stateless. SQLSTATEs:
 * the Postgres manual, appendix A.
 */
public final class StoreFailures {
  private static final int RETRY_AFTER_SECONDS = 1;

  /** Serialization failure and deadlock: the transaction was undone and may be run again. */
  private static final Set<String> RETRYABLE = Set.of("40001", "40P01");

  /**
   * States of a server that is going, coming, full, read-only after a failover or too slow: query
   * cancelled by its timeout, lock not available, read-only transaction, idle in transaction.
   */
  private static final Set<String> UNAVAILABLE =
      Set.of("57014", "55P03", "25006", "25P03", "3D000");

  private StoreFailures() {}

  /**
   * The failure as callers should see it: {@code store_unavailable} with a {@code Retry-After} when
   * Postgres could not serve, otherwise unchanged (a problem, a constraint, a mistake).
   */
  public static Throwable classify(Throwable failure) {
    return isUnavailable(failure)
        ? Problem.of(ProblemCode.STORE_UNAVAILABLE).retryAfter(RETRY_AFTER_SECONDS)
        : failure;
  }

  /** Whether {@code failure} is the violation of the constraint or unique index of that name. */
  public static boolean isViolation(Throwable failure, String constraint) {
    return failure instanceof PgException pg
        && pg.getSqlState().startsWith("23")
        && constraint.equals(pg.getConstraint());
  }

  /** Whether Postgres refused the data itself, so that the same statement will fail again. */
  public static boolean isDataError(Throwable failure) {
    return failure instanceof PgException pg
        && (pg.getSqlState().startsWith("22") || pg.getSqlState().startsWith("23"));
  }

  /** Whether Postgres did serve and refused the statement, which then has done nothing. */
  public static boolean isRefused(Throwable failure) {
    return failure instanceof PgException && !isUnavailable(failure);
  }

  /** Whether Postgres did serve, and what was asked of it is refused: no failure of the store. */
  static boolean isRefusal(Throwable failure) {
    return isDataError(failure)
        || (failure instanceof Problem problem && problem.code() != ProblemCode.STORE_UNAVAILABLE);
  }

  /** Whether the transaction was undone by Postgres only because of others beside it. */
  static boolean isRetryable(Throwable failure) {
    return failure instanceof PgException pg && RETRYABLE.contains(pg.getSqlState());
  }

  private static boolean isUnavailable(Throwable failure) {
    if (failure instanceof PgException pg) {
      String state = pg.getSqlState();
      return state == null
          || state.startsWith("08") // connection
          || state.startsWith("53") // resources: too many connections, disk full, out of memory
          || state.startsWith("57P") // shutting down, starting up
          || state.startsWith("58") // the system beneath
          || state.startsWith("28") // not let in
          || RETRYABLE.contains(state)
          || UNAVAILABLE.contains(state);
    }
    // The rest are the client's own: refused, closed, too late, queue full, cut off in a
    // transaction.
    return failure instanceof IOException
        || failure instanceof TimeoutException
        || failure instanceof VertxException;
  }
}
