package ai.molecule.edge.edge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;

/**
 * An upgraded connection: bytes both ways, no faster than either side takes them, until one side
 * ends. A node that leaves says so between two frames, with the close code 1001 (RFC 6455, section
 * 7.4.1). Used on its event loop only.
 */
final class Tunnel {
  /** FIN and close, two bytes, 1001. */
  private static final Buffer GOING_AWAY =
      Buffer.buffer(new byte[] {(byte) 0x88, 2, 0x03, (byte) 0xe9});

  /** The same from a client: masked, with zeros. */
  private static final Buffer GOING_AWAY_MASKED =
      Buffer.buffer(new byte[] {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 0x03, (byte) 0xe9});

  private final NetSocket client;
  private final NetSocket upstream;
  private final Runnable over;
  private final FrameEdges fromClient = new FrameEdges();
  private final FrameEdges fromUpstream = new FrameEdges();
  private boolean leaving;
  private boolean clientTold;
  private boolean upstreamTold;
  private boolean closed;

  private Tunnel(NetSocket client, NetSocket upstream, Runnable over) {
    this.client = client;
    this.upstream = upstream;
    this.over = over;
  }

  /** Joins the two; {@code over} is called once, when both have been ended. */
  static Tunnel join(NetSocket client, NetSocket upstream, Runnable over) {
    Tunnel tunnel = new Tunnel(client, upstream, over);
    tunnel.pass(client, upstream);
    tunnel.pass(upstream, client);
    return tunnel;
  }

  private void pass(NetSocket from, NetSocket to) {
    from.handler(bytes -> pass(from, to, bytes));
    from.endHandler(end -> close());
    from.exceptionHandler(failure -> close());
    from.closeHandler(gone -> close());
    from.resume();
  }

  private void pass(NetSocket from, NetSocket to, Buffer bytes) {
    if (closed) {
      return;
    }
    FrameEdges edges = from == client ? fromClient : fromUpstream;
    if (leaving) {
      passLast(to, edges, bytes);
      return;
    }
    edges.take(bytes);
    to.write(bytes);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(drained -> from.resume());
    }
  }

  /** The frame that has begun, and nothing after the close. */
  private void passLast(NetSocket to, FrameEdges edges, Buffer bytes) {
    if (to == client ? !clientTold : !upstreamTold) {
      to.write(bytes.getBuffer(0, edges.takeToEdge(bytes)));
      tell();
    }
  }

  /**
   * The node leaves: both sides are told when their frame is whole, and are to close then. Whoever
   * does not is closed with the listener.
   */
  void leave() {
    leaving = true;
    tell();
  }

  private void tell() {
    if (!clientTold && fromUpstream.isBetweenFrames()) {
      clientTold = true;
      client.write(GOING_AWAY);
    }
    if (!upstreamTold && fromClient.isBetweenFrames()) {
      upstreamTold = true;
      upstream.write(GOING_AWAY_MASKED);
    }
  }

  /** Ends both sides; what was written before still goes out. */
  void close() {
    if (!closed) {
      closed = true;
      client.close();
      upstream.close();
      over.run();
    }
  }
}
