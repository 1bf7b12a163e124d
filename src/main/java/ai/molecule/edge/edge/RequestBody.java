package ai.molecule.edge.edge;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** What can be known of the body of a request from its head. */
final class RequestBody {
  /** No body. */
  static final long NONE = 0;

  /** A body whose length is not known before its end. */
  static final long UNKNOWN = -1;

  /** How long the rest of a body that nobody wants is taken in, so that the answer is read. */
  private static final long LINGER_MILLIS = 2_000;

  private RequestBody() {}

  /** The bytes of the body, {@link #NONE} or {@link #UNKNOWN}. */
  static long length(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null) {
      // The decoder has refused what is no number, and lengths that differ.
      return Long.parseLong(length.strip());
    }
    if (request.version() != HttpVersion.HTTP_2) {
      return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) ? UNKNOWN : NONE;
    }
    HttpMethod method = request.method();
    boolean seldom =
        method == HttpMethod.GET
            || method == HttpMethod.HEAD
            || method == HttpMethod.DELETE
            || method == HttpMethod.OPTIONS;
    return request.isEnded() || seldom ? NONE : UNKNOWN;
  }

  /** Takes in the rest of a body and forgets it; a client that goes on sending is cut off. */
  static void discard(Vertx vertx, HttpServerRequest request) {
    if (request.isEnded()) {
      return;
    }
    long timer = vertx.setTimer(LINGER_MILLIS, late -> request.connection().close());
    request.exceptionHandler(gone -> vertx.cancelTimer(timer));
    request.endHandler(ended -> vertx.cancelTimer(timer));
    request.handler(chunk -> {});
    request.resume();
  }
}
