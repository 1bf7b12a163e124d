package ai.molecule.edge.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The connections of one event loop to all upstreams: made on that loop, kept for a while, bounded
 * for each upstream. Used on that loop only.
 */
public final class UpstreamClient {
  /** How often it is looked for traffic within the idle timeout. */
  private static final int LOOKS = 4;

  private static final long LOOK_MILLIS_MAX = 1_000;

  private final Vertx vertx;
  private final ContextInternal context;
  private final NetClient sockets;
  private final UpstreamsConfig config;
  private final int loops;
  private final int looksMax;
  private final long timer;
  private final Map<UpstreamAddress, ConnectionPool> pools = new HashMap<>();
  private boolean closed;

  private UpstreamClient(
      Vertx vertx, ContextInternal context, NetClient sockets, UpstreamsConfig config, int loops) {
    this.vertx = vertx;
    this.context = context;
    this.sockets = sockets;
    this.config = config;
    this.loops = loops;
    long idleMillis = config.idleTimeout().toMillis();
    long lookMillis = Math.max(1, Math.min(LOOK_MILLIS_MAX, idleMillis / LOOKS));
    this.looksMax = Math.toIntExact(Math.ceilDiv(idleMillis, lookMillis));
    this.timer = vertx.setPeriodic(lookMillis, fired -> look());
  }

  /** Waits for a connection. Called on the event loop, perhaps before {@code open} returns. */
  public interface Waiter {
    /** Here is one, to be used or given back. */
    void connected(UpstreamConnection connection);

    /** None is to be had; nothing has been sent. */
    void unconnected(UpstreamOutcome why);
  }

  /**
   * The client of the calling event loop.
   *
   * @param loops event loops among which the node's connections are shared out
   */
  public static UpstreamClient create(Vertx vertx, UpstreamsConfig config, int loops) {
    NetClientOptions options =
        new NetClientOptions().setConnectTimeout((int) config.connectTimeout().toMillis());
    return new UpstreamClient(
        vertx,
        (ContextInternal) vertx.getOrCreateContext(),
        vertx.createNetClient(options),
        config,
        loops);
  }

  /** Gets a connection to {@code upstream}, over which nothing is under way. */
  public void open(UpstreamAddress upstream, Waiter waiter) {
    ConnectionPool pool = pools.get(upstream);
    if (pool == null) {
      if (closed) {
        waiter.unconnected(UpstreamOutcome.REFUSED);
        return;
      }
      pool =
          new ConnectionPool(
              Math.ceilDiv(config.connectionsMax(), loops),
              Math.ceilDiv(config.queueMax(), loops),
              config.keepAlive().toNanos(),
              System::nanoTime,
              (to, first) -> connect(upstream, to, first));
      pools.put(upstream, pool);
    }
    pool.acquire(waiter);
  }

  /** {@code waiter} does not need a connection to {@code upstream} any more. */
  public void forget(UpstreamAddress upstream, Waiter waiter) {
    ConnectionPool pool = pools.get(upstream);
    if (pool != null) {
      pool.forget(waiter);
    }
  }

  private void connect(UpstreamAddress upstream, ConnectionPool pool, Waiter waiter) {
    sockets
        .connect(upstream.port(), upstream.host())
        .onComplete(
            socket -> connected(socket, pool, waiter),
            failure -> pool.unconnected(UpstreamOutcome.ofConnecting(failure), waiter));
  }

  private void connected(NetSocket socket, ConnectionPool pool, Waiter waiter) {
    Channel channel = ((NetSocketInternal) socket).channelHandlerContext().channel();
    ChannelPipeline pipeline = channel.pipeline();
    // Vert.x has named the upstream and connected; its own way of reading is not needed.
    List.copyOf(pipeline.names()).stream()
        .filter(name -> pipeline.get(name) != null)
        .forEach(pipeline::remove);
    AnswerDecoder decoder = new AnswerDecoder(config.headBytesMax());
    UpstreamConnection connection = new UpstreamConnection(pool, context, decoder);
    pipeline.addLast("answers", decoder).addLast("connection", connection);
    if (closed || !channel.isActive()) {
      channel.close();
      pool.unconnected(UpstreamOutcome.REFUSED, waiter);
    } else {
      pool.connected(connection, waiter);
    }
  }

  private void look() {
    List.copyOf(pools.values()).forEach(pool -> pool.look(looksMax));
    pools.values().removeIf(ConnectionPool::isEmpty);
  }

  /** Closes all connections. */
  public Future<Void> close() {
    closed = true;
    vertx.cancelTimer(timer);
    List.copyOf(pools.values()).forEach(ConnectionPool::close);
    return sockets.close();
  }
}
