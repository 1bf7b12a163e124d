package ai.molecule.edge.edge;

import ai.molecule.edge.proxy.UpstreamConnection;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.buffer.BufferInternal;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way to the upstream, no faster than that takes it and no longer than
 * the route allows. Used on its event loop only.
 */
final class Upload {
  private final HttpServerRequest request;
  private final long length;
  private final long bytesMax;
  private final Runnable tooLarge;
  private @Nullable UpstreamConnection to;
  private long passed;
  private long passedAtDeadline;
  private boolean ended;
  private boolean paused;

  /**
   * A body that has been paused.
   *
   * @param length its bytes, {@link RequestBody#NONE} or {@link RequestBody#UNKNOWN}
   * @param tooLarge called when it turns out to be longer than {@code bytesMax}
   */
  Upload(HttpServerRequest request, long length, long bytesMax, Runnable tooLarge) {
    this.request = request;
    this.length = length;
    this.bytesMax = bytesMax;
    this.tooLarge = tooLarge;
    this.ended = length == RequestBody.NONE;
  }

  /** Lets it flow, behind the head that has just been sent. */
  void begin(UpstreamConnection upstream) {
    to = upstream;
    request.handler(chunk -> pass(upstream, chunk));
    request.endHandler(last -> end(upstream));
    request.exceptionHandler(gone -> {});
    request.resume();
  }

  private void pass(UpstreamConnection upstream, Buffer chunk) {
    if (to == null) {
      return;
    }
    passed += chunk.length();
    if (passed > bytesMax) {
      tooLarge.run();
      return;
    }
    upstream.write(((BufferInternal) chunk).getByteBuf());
    if (passed == length) {
      end(upstream);
    } else if (!upstream.isWritable()) {
      paused = true;
      request.pause();
    }
  }

  private void end(UpstreamConnection upstream) {
    if (!ended && to != null) {
      ended = true;
      upstream.end();
    }
  }

  /** The upstream takes more. */
  void writable() {
    if (paused) {
      paused = false;
      request.resume();
    }
  }

  /** Passes nothing on any more. */
  void stop() {
    to = null;
  }

  /** Whether all of it has been passed on. */
  boolean isEnded() {
    return ended;
  }

  /** Whether it is the client that everybody waits for. */
  boolean isAwaited() {
    return to != null && !ended && !paused;
  }

  /** Whether the client has sent some of it since the last time this was asked. */
  boolean hasMoved() {
    boolean moved = passed > passedAtDeadline;
    passedAtDeadline = passed;
    return moved;
  }
}
