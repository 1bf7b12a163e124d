package ai.molecule.edge.postgres;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A wire to Postgres that loses what the server says to a COMMIT, and the connection with it: what
 * was committed is there, and the client cannot know.
 */
public final class LosingWire implements AutoCloseable {
  private static final String COMMITTED = "COMMIT\0";

  private final Vertx vertx = Vertx.vertx();
  private final URI target;
  private final NetServer server;
  private final AtomicInteger toLose = new AtomicInteger();

  /** A wire to the server of that URI, that loses nothing yet. */
  public LosingWire(String uri) {
    this.target = URI.create(uri);
    this.server =
        vertx
            .createNetServer(new NetServerOptions().setHost("127.0.0.1").setPort(0))
            .connectHandler(this::connect);
    Await.result(server.listen());
  }

  /** The server's URI with this wire's address. */
  public String uri() {
    return target
        .toString()
        .replace(target.getHost() + ":" + target.getPort(), "127.0.0.1:" + server.actualPort());
  }

  /** Loses the next answers to a COMMIT. */
  public void loseCommits(int count) {
    toLose.set(count);
  }

  /** How many are still to be lost. */
  public int left() {
    return toLose.get();
  }

  private void connect(NetSocket near) {
    near.pause();
    vertx
        .createNetClient()
        .connect(target.getPort(), target.getHost())
        .onComplete(far -> join(near, far), refused -> near.close());
  }

  private void join(NetSocket near, NetSocket far) {
    near.handler(far::write);
    far.handler(answer -> pass(answer, near));
    near.closeHandler(closed -> far.close());
    far.closeHandler(closed -> near.close());
    near.exceptionHandler(broken -> far.close());
    far.exceptionHandler(broken -> near.close());
    near.resume();
  }

  private void pass(Buffer answer, NetSocket near) {
    if (toLose.get() > 0 && answer.toString(StandardCharsets.ISO_8859_1).contains(COMMITTED)) {
      toLose.decrementAndGet();
      near.close();
    } else {
      near.write(answer);
    }
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }
}
