package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.EdgeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection is closed when nothing has gone over it for a while, and no sooner. */
final class IdleConnectionsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @AutoClose private EdgeNodes nodes;
  private RunningNode node;
  private Made key;

  @BeforeEach
  void start() {
    nodes = EdgeNodes.onSharedStores();
    key = nodes.start().create();
    node = nodes.with(IdleConnectionsIT::impatient).start();
  }

  private static EdgeConfig impatient(EdgeConfig config) {
    return config.withHttp(config.http().withIdleTimeout(Duration.ofSeconds(1)));
  }

  private String request() {
    return "GET /cp/partner-key HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
        + key.secret()
        + "\r\n\r\n";
  }

  @Test
  void silentOnesAreClosedWhileABusyOneStays() throws Exception {
    try (RawConnection busy = new RawConnection(node);
        RawConnection silent = new RawConnection(node);
        RawConnection used = new RawConnection(node)) {
      assertThat(used.send(request()).answer()).startsWith("HTTP/1.1 ");
      CompletableFuture<Boolean> closed =
          CompletableFuture.supplyAsync(() -> isClosed(silent) && isClosed(used));
      do {
        assertThat(busy.send(request()).answer()).startsWith("HTTP/1.1 ");
      } while (!closed.isDone());

      assertThat(closed.get(30, TimeUnit.SECONDS)).isTrue();
      assertThat(busy.send(request()).answer()).startsWith("HTTP/1.1 ");
    }
  }

  /** What waits to be written to it must not keep it. */
  @Test
  void oneThatNeverReadsIsClosed() throws Exception {
    try (SocketChannel deaf = SocketChannel.open(new InetSocketAddress("127.0.0.1", node.port()))) {
      deaf.configureBlocking(false);
      byte[] requests = request().repeat(100).getBytes(StandardCharsets.ISO_8859_1);
      // Until the edge reads no more, since its answers are not taken.
      await().atMost(PATIENCE).until(() -> isEndedOrTakesNoMore(deaf, requests));
      await().atMost(PATIENCE).until(() -> openConnections() == 0);
    }
  }

  private static boolean isEndedOrTakesNoMore(SocketChannel to, byte[] bytes) {
    try {
      return to.write(ByteBuffer.wrap(bytes)) == 0;
    } catch (IOException ended) {
      return true;
    }
  }

  private double openConnections() {
    return node.operations("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("edge_connections"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static boolean isClosed(RawConnection connection) {
    try {
      return connection.isClosedByTheEdge();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
