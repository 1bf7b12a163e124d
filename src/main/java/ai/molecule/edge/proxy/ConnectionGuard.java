package ai.molecule.edge.proxy;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpClientConnectionInternal;
import org.jspecify.annotations.Nullable;

/**
 * Stands between Netty's codec and Vert.x on a connection to an upstream, and keeps answers where
 * they belong:
 *
 * <ul>
 *   <li>interim answers (1xx) are dropped, all but 101: Vert.x would take a 102 for final, and the
 *       real answer for that of the next request;
 *   <li>an answer whose bytes had arrived before its request was written is none: the upstream lied
 *       about the length of the one before, or invents answers. The connection ends;
 *   <li>the end of an answer that its reader has paused waits for the reader. Vert.x would give the
 *       connection to the next request at once, and leave it paused.
 * </ul>
 */
final class ConnectionGuard extends ChannelDuplexHandler {
  private static final String CODEC = "codec";
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int FINAL_FROM = 200;

  /** Pieces of input so far; a request notes it when it is written. */
  private long piecesRead;

  private long piecesReadAtRequest = -1;
  private boolean inInterim;
  private boolean answering;
  private @Nullable Object heldEnd;

  private ConnectionGuard() {}

  /** Guards a connection that has just been made. */
  static void install(HttpConnection connection) {
    ChannelPipeline pipeline =
        ((HttpClientConnectionInternal) connection).channelHandlerContext().pipeline();
    if (pipeline.get(CODEC) == null) {
      throw new IllegalStateException("no HTTP/1.1 connection");
    }
    ConnectionGuard guard = new ConnectionGuard();
    pipeline.addBefore(CODEC, "edge-pieces", guard.new Pieces());
    pipeline.addAfter(CODEC, "edge-guard", guard);
  }

  /** Counts the pieces in which input arrives, before anything is made of them. */
  private final class Pieces extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      piecesRead++;
      context.fireChannelRead(message);
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof HttpRequest) {
      piecesReadAtRequest = piecesRead;
    }
    context.write(message, promise);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (heldEnd != null) {
      // Nothing can follow the end of an answer before another request was sent.
      ReferenceCountUtil.release(message);
      context.close();
      return;
    }
    if (message instanceof HttpResponse response && response.decoderResult().isSuccess()) {
      int status = response.status().code();
      if (piecesReadAtRequest == piecesRead && !answering) {
        ReferenceCountUtil.release(message);
        context.close();
        return;
      }
      if (status < FINAL_FROM && status != SWITCHING_PROTOCOLS) {
        inInterim = true;
      } else {
        answering = true;
      }
    }
    if (inInterim) {
      inInterim = !(message instanceof LastHttpContent);
      ReferenceCountUtil.release(message);
    } else if (isEndForSomebodyPaused(context, message)) {
      heldEnd = message;
    } else {
      answering &= !(message instanceof LastHttpContent);
      context.fireChannelRead(message);
    }
  }

  private static boolean isEndForSomebodyPaused(ChannelHandlerContext context, Object message) {
    return message instanceof LastHttpContent end
        && !context.channel().config().isAutoRead()
        && ((HttpContent) end).decoderResult().isSuccess();
  }

  /** The reader goes on. */
  @Override
  public void read(ChannelHandlerContext context) {
    if (heldEnd != null) {
      context.executor().execute(() -> release(context));
    }
    context.read();
  }

  private void release(ChannelHandlerContext context) {
    Object end = heldEnd;
    if (end != null) {
      heldEnd = null;
      answering = false;
      context.fireChannelRead(end);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    release(context);
    context.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    ReferenceCountUtil.release(heldEnd);
    heldEnd = null;
  }
}
