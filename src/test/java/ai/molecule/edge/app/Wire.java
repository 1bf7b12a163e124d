package ai.molecule.edge.app;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A wire between one node and a server, that can be cut: nothing passes and nothing is closed, as
 * when a network drops packets. Connections made meanwhile stand and stay silent.
 */
final class Wire implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final URI target;
  private final NetServer server;
  private final Queue<NetSocket> sockets = new ConcurrentLinkedQueue<>();
  private volatile boolean cut;

  private Wire(URI target) {
    this.target = target;
    this.server =
        vertx
            .createNetServer(new NetServerOptions().setHost("127.0.0.1").setPort(0))
            .connectHandler(this::connect);
    Await.result(server.listen());
  }

  /** A whole wire to the server of that URI. */
  static Wire to(String uri) {
    return new Wire(URI.create(uri));
  }

  /** The server's URI with this wire's address. */
  String uri() {
    return target
        .toString()
        .replace(target.getHost() + ":" + target.getPort(), "127.0.0.1:" + server.actualPort());
  }

  private void connect(NetSocket near) {
    near.pause();
    vertx
        .createNetClient()
        .connect(target.getPort(), target.getHost())
        .onComplete(far -> join(near, far), refused -> near.close());
  }

  private void join(NetSocket near, NetSocket far) {
    sockets.add(near);
    sockets.add(far);
    pass(near, far);
    pass(far, near);
    if (!cut) {
      near.resume();
    }
  }

  private void pass(NetSocket from, NetSocket to) {
    if (cut) {
      from.pause();
    }
    from.handler(to::write);
    from.closeHandler(closed -> to.close());
    from.exceptionHandler(broken -> to.close());
  }

  /** Lets nothing through any more. What is on its way may still arrive. */
  void cut() {
    cut = true;
    sockets.forEach(NetSocket::pause);
  }

  /** Lets everything through again, what was held back included. */
  void mend() {
    cut = false;
    sockets.forEach(NetSocket::resume);
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }
}
