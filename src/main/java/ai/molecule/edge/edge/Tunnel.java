package ai.molecule.edge.edge;

import ai.molecule.edge.proxy.UpstreamConnection;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

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

  private final UpstreamConnection upstream;
  private final Runnable over;
  private final FrameEdges fromClient = new FrameEdges();
  private final FrameEdges fromUpstream = new FrameEdges();

  /** What came before the client's side was there: at most one read of the upstream's socket. */
  private final Buffer early = Buffer.buffer();

  private @Nullable NetSocket client;
  private boolean leaving;
  private boolean clientTold;
  private boolean upstreamTold;
  private boolean closed;

  /**
   * A tunnel that holds the upstream back until {@link #join}.
   *
   * @param over called once, when both sides have been ended
   */
  Tunnel(UpstreamConnection upstream, Runnable over) {
    this.upstream = upstream;
    this.over = over;
    upstream.pause();
  }

  /** Joins the client to the upstream. */
  void join(NetSocket joined) {
    if (closed) {
      joined.close();
      return;
    }
    client = joined;
    joined.handler(bytes -> fromClient(joined, bytes));
    joined.endHandler(end -> close());
    joined.exceptionHandler(failure -> close());
    joined.closeHandler(gone -> close());
    joined.resume();
    if (early.length() > 0) {
      toClient(joined, early);
    }
    upstream.resume();
    tell();
  }

  /** Bytes of the upstream, which stay the caller's. */
  void fromUpstream(ByteBuf bytes) {
    if (closed) {
      return;
    }
    Buffer piece = BufferInternal.safeBuffer(bytes.retain());
    NetSocket to = client;
    if (to == null) {
      early.appendBuffer(piece);
    } else {
      toClient(to, piece);
    }
  }

  private void toClient(NetSocket to, Buffer bytes) {
    if (leaving) {
      if (!clientTold) {
        to.write(bytes.getBuffer(0, fromUpstream.takeToEdge(bytes)));
        tell();
      }
      return;
    }
    fromUpstream.take(bytes);
    to.write(bytes);
    if (to.writeQueueFull()) {
      upstream.pause();
      to.drainHandler(drained -> upstream.resume());
    }
  }

  private void fromClient(NetSocket from, Buffer bytes) {
    if (closed) {
      return;
    }
    if (leaving) {
      if (!upstreamTold) {
        toUpstream(bytes.getBuffer(0, fromClient.takeToEdge(bytes)));
        tell();
      }
      return;
    }
    fromClient.take(bytes);
    toUpstream(bytes);
    if (!upstream.isWritable()) {
      from.pause();
    }
  }

  private void toUpstream(Buffer bytes) {
    upstream.write(((BufferInternal) bytes).getByteBuf());
  }

  /** The upstream takes more. */
  void upstreamWritable() {
    NetSocket from = client;
    if (from != null) {
      from.resume();
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
    NetSocket to = client;
    if (!leaving || to == null || closed) {
      return;
    }
    if (!clientTold && fromUpstream.isBetweenFrames()) {
      clientTold = true;
      to.write(GOING_AWAY);
    }
    if (!upstreamTold && fromClient.isBetweenFrames()) {
      upstreamTold = true;
      toUpstream(GOING_AWAY_MASKED);
    }
  }

  /** Ends both sides; what was written before still goes out. */
  void close() {
    if (!closed) {
      closed = true;
      if (client != null) {
        client.close();
      }
      upstream.closeAfterWrites();
      over.run();
    }
  }
}
