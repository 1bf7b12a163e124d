package ai.molecule.edge.edge;

import ai.molecule.edge.proxy.HeaderPolicy;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Passes an upstream's answer on to the client: the head but for what belongs to the connection,
 * then the body as it comes, no faster than the client takes it. An answer of known length whose
 * body is in one piece is written in one piece. Used on its event loop only.
 */
final class AnswerRelay {
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;
  private static final long UNKNOWN = -1;
  private static final long SMALL_BYTES = 64 << 10;

  private final HttpClientResponse answer;
  private final HttpServerResponse response;
  private final Runnable whole;
  private final Runnable broken;
  private final long length;
  private long received;
  private boolean over;

  private AnswerRelay(
      HttpClientResponse answer,
      HttpServerResponse response,
      long length,
      Runnable whole,
      Runnable broken) {
    this.answer = answer;
    this.response = response;
    this.length = length;
    this.whole = whole;
    this.broken = broken;
  }

  /**
   * Begins to pass on an answer whose head has just come.
   *
   * @param response with the status and the headers that every answer has
   * @param whole called once the last of it has been written
   * @param broken called when the answer ends too early; the client's connection is the caller's
   */
  static AnswerRelay start(
      Vertx vertx,
      HttpClientResponse answer,
      HttpServerRequest request,
      HttpServerResponse response,
      Runnable whole,
      Runnable broken) {
    copyHead(answer.headers(), response.headers());
    long length = length(answer, request.method());
    AnswerRelay relay = new AnswerRelay(answer, response, length, whole, broken);
    if (length == UNKNOWN) {
      response.setChunked(true);
      vertx.runOnContext(turn -> relay.headAtLeast());
    }
    answer.exceptionHandler(failure -> relay.broken());
    answer.handler(relay::piece);
    answer.endHandler(end -> relay.end());
    return relay;
  }

  /** Copies what of an upstream's headers goes to the client. */
  static void copyHead(MultiMap from, MultiMap to) {
    List<String> nominated =
        from.contains(HttpHeaders.CONNECTION)
            ? HeaderPolicy.nominated(from.getAll(HttpHeaders.CONNECTION))
            : List.of();
    for (Map.Entry<String, String> header : from) {
      String name = header.getKey();
      if (HeaderPolicy.goesToClient(name)
          && (nominated.isEmpty() || !nominated.contains(name.toLowerCase(Locale.ROOT)))) {
        to.add(name, header.getValue());
      }
    }
  }

  /** Bytes of the body to come (RFC 9112, section 6.3). */
  private static long length(HttpClientResponse answer, HttpMethod method) {
    int status = answer.statusCode();
    if (method == HttpMethod.HEAD || status == NO_CONTENT || status == NOT_MODIFIED) {
      return 0;
    }
    String length = answer.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length == null ? UNKNOWN : Long.parseLong(length.strip());
  }

  /** A client of an event stream waits for the head before there is any event. */
  private void headAtLeast() {
    if (!over && !response.headWritten() && !response.closed()) {
      response.writeHead();
    }
  }

  private void piece(Buffer bytes) {
    if (over) {
      return;
    }
    received += bytes.length();
    if (received == length) {
      over = true;
      response.end(bytes);
      whole.run();
      return;
    }
    response.write(bytes);
    if (response.writeQueueFull()) {
      answer.pause();
      response.drainHandler(drained -> answer.resume());
    }
  }

  private void end() {
    if (over) {
      return;
    }
    if (length != UNKNOWN && received != length) {
      broken();
      return;
    }
    over = true;
    response.end();
    whole.run();
  }

  /** Whether it is not clear that it will soon be over. */
  boolean mayTakeLong() {
    return length == UNKNOWN || length > SMALL_BYTES;
  }

  /** The client is gone: whatever still comes goes nowhere. */
  void stop() {
    over = true;
  }

  private void broken() {
    if (!over) {
      over = true;
      broken.run();
    }
  }
}
