package ai.molecule.edge.app.front;

import ai.molecule.edge.config.HttpConfig;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches what the codec of one HTTP/2 connection does not bound: how many frames ask for work
 * without carrying a request, and how long a frame, or a head in several, takes to be complete. A
 * connection that goes too far is closed with ENHANCE_YOUR_CALM. Vert.x shows a connection when its
 * first SETTINGS have come; until then only the idle timeout holds.
 */
final class FrameWatch extends ChannelInboundHandlerAdapter {
  /** What Vert.x calls the codec. */
  private static final String CODEC = "handler";

  private final HttpConnection connection;
  private final int controlFramesMax;
  private final long windowNanos;
  private final long frameNanos;
  private long windowBegunNanos = System.nanoTime();
  private int controlFrames;
  private long frames;
  private @Nullable Future<?> check;

  private FrameWatch(HttpConnection connection, HttpConfig http) {
    this.connection = connection;
    this.controlFramesMax = http.front().http2().controlFramesMax();
    this.windowNanos = http.front().http2().window().toNanos();
    this.frameNanos = http.requests().bodyTimeout().toNanos();
  }

  /** Puts one before and behind the codec of a connection just made, if it speaks HTTP/2. */
  static void install(HttpConnection connection, HttpConfig http) {
    ChannelPipeline pipeline =
        ((HttpServerConnection) connection).channelHandlerContext().pipeline();
    if (pipeline.get(CODEC) instanceof Http2ConnectionHandler codec) {
      FrameWatch watch = new FrameWatch(connection, http);
      codec.decoder().frameListener(watch.new Frames(codec.decoder().frameListener()));
      pipeline.addBefore(CODEC, "frames", watch);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    long before = frames;
    context.fireChannelRead(message);
    if (frames == before && check == null) {
      check = context.executor().schedule(() -> check(before), frameNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void check(long before) {
    check = null;
    if (frames == before) {
      connection.goAway(Http2Error.ENHANCE_YOUR_CALM.code());
      connection.close();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    Future<?> pending = check;
    if (pending != null) {
      pending.cancel(false);
    }
  }

  private void control() throws Http2Exception {
    frames++;
    long now = System.nanoTime();
    if (now - windowBegunNanos > windowNanos) {
      windowBegunNanos = now;
      controlFrames = 0;
    }
    if (++controlFrames > controlFramesMax) {
      throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many control frames");
    }
  }

  /** Hears of frames when they are complete; of a head when its last CONTINUATION is. */
  private final class Frames extends Http2FrameListenerDecorator {
    private Frames(Http2FrameListener listener) {
      super(listener);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      frames++;
      return super.onDataRead(context, stream, data, padding, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context, int stream, Http2Headers headers, int padding, boolean end)
        throws Http2Exception {
      frames++;
      super.onHeadersRead(context, stream, headers, padding, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int stream,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end)
        throws Http2Exception {
      frames++;
      super.onHeadersRead(context, stream, headers, dependency, weight, exclusive, padding, end);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int stream, long errorCode)
        throws Http2Exception {
      frames++;
      super.onRstStreamRead(context, stream, errorCode);
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext context, int stream, int increment)
        throws Http2Exception {
      frames++;
      super.onWindowUpdateRead(context, stream, increment);
    }

    @Override
    public void onPriorityRead(
        ChannelHandlerContext context, int stream, int dependency, short weight, boolean exclusive)
        throws Http2Exception {
      control();
      super.onPriorityRead(context, stream, dependency, weight, exclusive);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings)
        throws Http2Exception {
      control();
      super.onSettingsRead(context, settings);
    }

    @Override
    public void onSettingsAckRead(ChannelHandlerContext context) throws Http2Exception {
      control();
      super.onSettingsAckRead(context);
    }

    @Override
    public void onPingRead(ChannelHandlerContext context, long data) throws Http2Exception {
      control();
      super.onPingRead(context, data);
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext context, long data) throws Http2Exception {
      control();
      super.onPingAckRead(context, data);
    }

    @Override
    public void onGoAwayRead(
        ChannelHandlerContext context, int lastStream, long errorCode, ByteBuf debug)
        throws Http2Exception {
      control();
      super.onGoAwayRead(context, lastStream, errorCode, debug);
    }

    @Override
    public void onUnknownFrame(
        ChannelHandlerContext context, byte type, int stream, Http2Flags flags, ByteBuf payload)
        throws Http2Exception {
      control();
      super.onUnknownFrame(context, type, stream, flags, payload);
    }
  }
}
