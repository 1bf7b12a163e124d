package ai.molecule.edge.edge;

import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;

/** What can be known of the body of a request from its head. */
final class RequestBody {
  /** No body. */
  static final long NONE = 0;

  /** A body whose length is not known before its end. */
  static final long UNKNOWN = -1;

  /** How long the rest of a body that nobody wants is taken in, so that the answer is read. */
  private static final long LINGER_MILLIS = 2_000;

  private static final long HTTP2_NO_ERROR = 0;

  private RequestBody() {}

  /**
   * The bytes of the body, {@link #NONE} or {@link #UNKNOWN}; to be asked once, when the head has
   * just come.
   */
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
    return request.isEnded() || seldom && isOver(request) ? NONE : UNKNOWN;
  }

  /** Whether the client has said with the head that nothing follows it. */
  private static boolean isOver(HttpServerRequest request) {
    if (request.connection() instanceof HttpServerConnection connection
        && connection.channelHandlerContext().handler() instanceof Http2ConnectionHandler http2) {
      Http2Stream stream = http2.connection().stream(request.streamId());
      return stream == null || stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE;
    }
    return true;
  }

  /**
   * Takes in the rest of a body and forgets it; a client that goes on sending is cut off. Over
   * HTTP/2 that is its stream alone (RFC 9113, section 8.1).
   */
  static void discard(Vertx vertx, HttpServerRequest request) {
    if (request.isEnded()) {
      return;
    }
    long timer = vertx.setTimer(LINGER_MILLIS, late -> cutOff(request));
    request.exceptionHandler(gone -> vertx.cancelTimer(timer));
    request.endHandler(ended -> vertx.cancelTimer(timer));
    request.handler(chunk -> {});
    request.resume();
  }

  private static void cutOff(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(HTTP2_NO_ERROR);
    } else {
      request.connection().close();
    }
  }
}
