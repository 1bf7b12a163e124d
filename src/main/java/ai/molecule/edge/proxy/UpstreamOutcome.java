package ai.molecule.edge.proxy;

import ai.molecule.edge.problem.ProblemCode;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.PrematureChannelClosureException;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of a request to an upstream: every case has a name. */
public enum UpstreamOutcome {
  /** A whole answer, whatever its status. */
  ANSWERED(null),
  /** No connection could be made: nobody listens, or the name is unknown. */
  REFUSED(ProblemCode.UPSTREAM_REFUSED),
  /** The connection ended before an answer began. */
  RESET(ProblemCode.UPSTREAM_RESET),
  /** No connection, or no head of an answer, in time. */
  TIMEOUT(ProblemCode.UPSTREAM_TIMEOUT),
  /** All connections are in use, and as many requests wait for one as may. */
  SATURATED(ProblemCode.UPSTREAM_SATURATED),
  /** An answer that is no HTTP, or more of it than allowed. */
  INVALID(ProblemCode.UPSTREAM_INVALID),
  /** An answer that ended too early; its beginning had been passed on. */
  CUT(null),
  /** The client went away first. */
  CLIENT_GONE(null),
  /** The stream was ended here: its key may not be used any more. */
  KEY_GONE(null);

  private final Optional<ProblemCode> problem;

  UpstreamOutcome(@Nullable ProblemCode problem) {
    this.problem = Optional.ofNullable(problem);
  }

  /** What the client is told, where there is still somebody to be told. */
  public Optional<ProblemCode> problem() {
    return problem;
  }

  /** Whether it speaks against the upstream's health. */
  public boolean isFailure() {
    return switch (this) {
      case REFUSED, RESET, TIMEOUT, INVALID, CUT -> true;
      case ANSWERED, SATURATED, CLIENT_GONE, KEY_GONE -> false;
    };
  }

  /** Why no connection was had; nothing has been sent. */
  public static UpstreamOutcome ofConnecting(Throwable failure) {
    return switch (failure) {
      case ConnectTimeoutException late -> TIMEOUT;
      default -> REFUSED;
    };
  }

  /** Why no answer came over a connection. */
  public static UpstreamOutcome ofAnswering(Throwable failure) {
    return switch (failure) {
      case PrematureChannelClosureException closed -> RESET;
      case IOException broken -> RESET;
      default -> INVALID;
    };
  }
}
