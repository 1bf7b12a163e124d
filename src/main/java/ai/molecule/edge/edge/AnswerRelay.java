package ai.molecule.edge.edge;

import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.proxy.UpstreamConnection;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;

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

  private final UpstreamConnection from;
  private final HttpServerResponse response;
  private final Runnable whole;
  private final Runnable broken;
  private final long length;
  private long received;
  private boolean over;

  private AnswerRelay(
      UpstreamConnection from,
      HttpServerResponse response,
      long length,
      Runnable whole,
      Runnable broken) {
    this.from = from;
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
      UpstreamConnection from,
      HttpResponse answer,
      Exchange exchange,
      HttpServerResponse response,
      Runnable whole,
      Runnable broken) {
    AnswerHead.copy(answer.headers(), response.headers());
    long length = length(answer, exchange.method());
    AnswerRelay relay = new AnswerRelay(from, response, length, whole, broken);
    if (length == UNKNOWN) {
      exchange.ofUnknownLength();
      vertx.runOnContext(turn -> relay.headAtLeast());
    }
    return relay;
  }

  /** Bytes of the body to come (RFC 9112, section 6.3). */
  private static long length(HttpResponse answer, HttpMethod method) {
    int status = answer.status().code();
    if (method == HttpMethod.HEAD || status == NO_CONTENT || status == NOT_MODIFIED) {
      return 0;
    }
    String length = answer.headers().get(HttpHeaders.CONTENT_LENGTH);
    return length == null ? UNKNOWN : Long.parseLong(length.strip());
  }

  /** A client of an event stream waits for the head before there is any event. */
  private void headAtLeast() {
    if (!over && !response.headWritten() && !response.closed()) {
      response.write(Buffer.buffer());
    }
  }

  /** Some of the body, which stays the caller's. */
  void piece(ByteBuf bytes) {
    if (over) {
      return;
    }
    received += bytes.readableBytes();
    Buffer piece = BufferInternal.safeBuffer(bytes.retain());
    if (received == length) {
      over = true;
      response.end(piece);
      whole.run();
      return;
    }
    response.write(piece);
    if (response.writeQueueFull()) {
      from.pause();
      response.drainHandler(drained -> resume());
    }
  }

  private void resume() {
    if (!over) {
      from.resume();
    }
  }

  /** The answer is at its end. */
  void end() {
    if (over) {
      return;
    }
    over = true;
    if (length != UNKNOWN && received != length) {
      broken.run();
      return;
    }
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
}
