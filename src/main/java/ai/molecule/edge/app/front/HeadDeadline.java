package ai.molecule.edge.app.front;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's decoder of one connection, which closes the connection when the head of a request is not
 * complete in time. The time runs from the head's first byte, on the first request as on later
 * ones, so a connection between requests is only subject to the idle timeout. A head that arrives
 * in one piece, as nearly all do, costs neither a look at the clock nor a timer.
 */
class HeadDeadline extends VertxHttpRequestDecoder {
  private final HttpConnection connection;
  private final long timeoutNanos;
  private boolean inBody;
  private boolean inHead;
  private long headBegunNanos;
  private @Nullable Future<?> check;

  HeadDeadline(HttpConnection connection, HttpServerOptions options, Duration timeout) {
    super(options);
    this.connection = connection;
    this.timeoutNanos = timeout.toNanos();
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    int before = out.size();
    super.decode(context, in, out);
    if (out.size() > before) {
      inHead = false;
      inBody = !(out.getLast() instanceof LastHttpContent);
    } else if (!inBody && !inHead) {
      inHead = true;
      headBegunNanos = System.nanoTime();
      if (check == null) {
        check(context, timeoutNanos);
      }
    }
  }

  private void check(ChannelHandlerContext context, long inNanos) {
    check = context.executor().schedule(() -> check(context), inNanos, TimeUnit.NANOSECONDS);
  }

  private void check(ChannelHandlerContext context) {
    check = null;
    if (!inHead) {
      return;
    }
    long now = System.nanoTime();
    if (!context.channel().config().isAutoRead()) {
      // It is us who do not read: the client gets its time anew.
      headBegunNanos = now;
    }
    long left = headBegunNanos + timeoutNanos - now;
    if (left > 0) {
      check(context, left);
    } else {
      // Not a hard close: an earlier request may still be waiting for its answer.
      connection.shutdown(timeoutNanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) throws Exception {
    Future<?> pending = check;
    if (pending != null) {
      pending.cancel(false);
    }
    super.handlerRemoved0(context);
  }
}
