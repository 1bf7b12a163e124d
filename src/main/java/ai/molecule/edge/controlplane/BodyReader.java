package ai.molecule.edge.controlplane;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Reads the body of one paused request within bounds, or gets rid of it: {@link #read} or {@link
 * #discard}, on the request's event loop.
 */
final class BodyReader {
  /** Bytes read and thrown away to keep a connection whose body nobody wants; past it, closed. */
  static final int DISCARDED_BYTES_MAX = 256 * 1024;

  /** How long a client has to read its answer before a connection with an unread body is closed. */
  static final Duration LINGER = Duration.ofSeconds(1);

  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final BodyLimits limits;
  private final Buffer body = Buffer.buffer();
  private long discardedBytes;
  private long deadlineTimer = NO_TIMER;

  private BodyReader(Vertx vertx, HttpServerRequest request, BodyLimits limits) {
    this.vertx = vertx;
    this.request = request;
    this.limits = limits;
  }

  /** The reader of a request that was paused when it arrived. */
  static BodyReader of(Vertx vertx, HttpServerRequest request, BodyLimits limits) {
    return new BodyReader(vertx, request, limits);
  }

  /**
   * Reads the body, whether its length was announced or it comes in chunks. A client that waits for
   * {@code 100 Continue} is told to go on.
   *
   * @return the body; fails with {@code body_too_large} as soon as that is known, or with {@code
   *     bad_request} for one that does not arrive in time. The request is paused again then
   */
  Future<Buffer> read() {
    if (announcedBytes() > limits.bytesMax()) {
      return Future.failedFuture(Problem.of(ProblemCode.BODY_TOO_LARGE));
    }
    Promise<Buffer> whole = Promise.promise();
    long deadline =
        vertx.setTimer(
            limits.timeMax().toMillis(),
            late ->
                stop(
                    whole, Problem.of(ProblemCode.BAD_REQUEST, "The body took too long to come.")));
    request.handler(
        chunk -> {
          if (body.length() + chunk.length() > limits.bytesMax()) {
            stop(whole, Problem.of(ProblemCode.BODY_TOO_LARGE));
          } else {
            body.appendBuffer(chunk);
          }
        });
    request.endHandler(ended -> whole.tryComplete(body));
    request.exceptionHandler(whole::tryFail);
    if (waitsForContinue()) {
      request.response().writeContinue();
    }
    request.resume();
    return whole.future().onComplete(done -> vertx.cancelTimer(deadline));
  }

  private void stop(Promise<Buffer> whole, Problem problem) {
    if (whole.tryFail(problem)) {
      request.pause();
    }
  }

  /**
   * Lets what is left of the body pass by unseen, so that the connection can serve the next
   * request. Call it before answering: when that is not worth it, or the client may be holding the
   * body back, it announces that the connection ends with this answer, and closes it.
   */
  void discard() {
    if (request.isEnded()) {
      return;
    }
    int worthReading = Math.min(limits.bytesMax(), DISCARDED_BYTES_MAX);
    boolean closes = waitsForContinue() || announcedBytes() > worthReading || body.length() > 0;
    if (closes && isHttp1() && !request.response().headWritten()) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      // From here on no further request is taken from it (RFC 9112, section 9.6).
      request.connection().shutdown(LINGER.toMillis(), TimeUnit.MILLISECONDS);
    }
    request.handler(this::discard);
    request.endHandler(
        ended -> {
          vertx.cancelTimer(deadlineTimer);
          if (closes && isHttp1()) {
            closeOnceAnswered();
          }
        });
    request.exceptionHandler(gone -> vertx.cancelTimer(deadlineTimer));
    request.resume();
    if (!request.isEnded()) {
      Duration deadline = closes ? LINGER : limits.timeMax();
      deadlineTimer = vertx.setTimer(deadline.toMillis(), late -> cut());
    }
  }

  private void discard(Buffer chunk) {
    discardedBytes += chunk.length();
    if (discardedBytes > DISCARDED_BYTES_MAX) {
      vertx.cancelTimer(deadlineTimer);
      cut();
    }
  }

  /** Ends the connection, or over HTTP/2 the stream alone. */
  private void cut() {
    request.pause();
    if (isHttp1()) {
      closeOnceAnswered();
    } else {
      request.response().reset();
    }
  }

  private void closeOnceAnswered() {
    if (request.response().ended()) {
      request.connection().close();
    } else {
      request.response().bodyEndHandler(answered -> request.connection().close());
    }
  }

  private boolean isHttp1() {
    return request.version() != HttpVersion.HTTP_2;
  }

  private boolean waitsForContinue() {
    String expect = request.getHeader(HttpHeaders.EXPECT);
    return expect != null
        && expect.strip().equalsIgnoreCase("100-continue")
        && request.version() == HttpVersion.HTTP_1_1
        && !request.response().headWritten();
  }

  /** The length the client announced, or 0 when it did not. */
  private long announcedBytes() {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      return 0;
    }
    try {
      return Long.parseLong(length.strip());
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
