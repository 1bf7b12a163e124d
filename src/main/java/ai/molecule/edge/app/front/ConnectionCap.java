package ai.molecule.edge.app.front;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the open connections of all event loops and closes those above the limit at once. */
final class ConnectionCap implements Handler<HttpConnection> {
  private final AtomicInteger open = new AtomicInteger();
  private final int connectionsMax;

  ConnectionCap(int connectionsMax) {
    this.connectionsMax = connectionsMax;
  }

  @Override
  public void handle(HttpConnection connection) {
    connection.closeHandler(closed -> open.decrementAndGet());
    if (open.incrementAndGet() > connectionsMax) {
      connection.close();
    }
  }

  int open() {
    return open.get();
  }
}
