package ai.molecule.edge.app.front;

import ai.molecule.edge.exchange.Exchange;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Closes the connections of one event loop over which nothing has gone for a while, either way.
 * Traffic sets a flag and a timer looks at the flags, so that a request costs two writes to memory
 * where Netty's own idle handler looks at the clock and listens for each write's end. A connection
 * is closed between one and one and a quarter times the timeout after the last byte; where what was
 * written before is not taken, another quarter later.
 */
final class IdleConnections {
  /** How often the flags are looked at within the timeout. */
  static final int LOOKS = 4;

  /** What Vert.x calls its idle handler. */
  private static final String OF_VERTX = "idle";

  private final int timeoutMillis;
  private final Set<Traffic> open = new HashSet<>();
  private long timer;

  IdleConnections(Duration timeout) {
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
  }

  /** Begins to look, on the calling event loop. */
  void start(Vertx vertx) {
    timer = vertx.setPeriodic(Math.max(1, timeoutMillis / LOOKS), fired -> look());
  }

  /** Looks no more. */
  void stop(Vertx vertx) {
    vertx.cancelTimer(timer);
  }

  /** Watches a connection just made. */
  void watch(HttpConnection connection) {
    Channel channel = ((HttpServerConnection) connection).channelHandlerContext().channel();
    Traffic traffic = new Traffic(channel);
    open.add(traffic);
    channel.closeFuture().addListener(closed -> open.remove(traffic));
    channel.pipeline().addFirst("traffic", traffic);
    if (channel.pipeline().get(OF_VERTX) != null) {
      // It was for the time until HTTP is spoken, and knows of no answers.
      channel.pipeline().remove(OF_VERTX);
    }
  }

  private void look() {
    // Closing takes them out of the set.
    List.copyOf(open).forEach(Traffic::look);
  }

  /** What goes over one connection. */
  private static final class Traffic extends ChannelDuplexHandler {
    private final Channel channel;
    private @Nullable ChannelHandlerContext first;
    private boolean seen = true;
    private boolean closing;
    private int quietLooks;

    private Traffic(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      first = context;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      seen = true;
      context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      seen = true;
      context.write(message, promise);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      seen = true;
      context.fireChannelWritabilityChanged();
    }

    /** Whether the client has taken what there is, and waits for an answer. */
    private boolean isAwaiting() {
      ChannelOutboundBuffer toGo = channel.unsafe().outboundBuffer();
      return Exchange.isAwaited(channel) && (toGo == null || toGo.isEmpty());
    }

    /** Called at each look; a byte on its way to a client that does not read is no traffic. */
    private void look() {
      quietLooks = seen || isAwaiting() ? 0 : quietLooks + 1;
      seen = false;
      if (closing && first != null) {
        // An orderly end waits for a client that takes no byte: from here it does not.
        first.close();
      } else if (quietLooks >= LOOKS) {
        closing = true;
        channel.close();
      }
    }
  }
}
