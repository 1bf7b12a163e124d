package ai.molecule.edge.edge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;

/**
 * An upgraded connection: bytes both ways, no faster than either side takes them, until one side
 * ends. Used on its event loop only.
 */
final class Tunnel {
  private final NetSocket client;
  private final NetSocket upstream;
  private final Runnable over;
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
    to.write(bytes);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(drained -> from.resume());
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
