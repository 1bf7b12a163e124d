package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.FrontConfig;
import ai.molecule.edge.config.Http2Config;
import ai.molecule.edge.config.HttpConfig;
import ai.molecule.edge.config.RequestBounds;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/**
 * A node that speaks HTTP/2 under narrow bounds, and a bystander who is connected all along.
 *
 * @param key made over a listener in clear text, on the same stores
 */
record Http2Front(
    EdgeNodes nodes, RunningNode node, SSLContext client, Made key, RawHttp2 bystander)
    implements AutoCloseable {
  static final int CONTROL_FRAMES_MAX = 100;
  static final int RESETS_MAX = 50;

  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(1);
  private static final Http2Config NARROW =
      new Http2Config(20, RESETS_MAX, CONTROL_FRAMES_MAX, 4, Duration.ofMinutes(1));

  /** Starts it, with a certificate in that directory. */
  static Http2Front start(Path directory)
      throws IOException, InterruptedException, GeneralSecurityException {
    FrontConfig front = TestCertificates.front(directory, NARROW);
    SSLContext client = TestCertificates.client();
    EdgeNodes nodes = EdgeNodes.onSharedStores();
    Made key = nodes.start().create();
    nodes.with(config -> config.withHttp(impatient(config.http()).withFront(front)));
    RunningNode node = nodes.start();
    return new Http2Front(nodes, node, client, key, RawHttp2.open(node.port(), client));
  }

  private static HttpConfig impatient(HttpConfig http) {
    RequestBounds bounds = http.requests();
    return http.withRequests(
        new RequestBounds(
            bounds.headersMax(),
            bounds.headersBytesMax(),
            bounds.requestLineBytesMax(),
            bounds.bodyBytesMax(),
            bounds.headerTimeout(),
            BODY_TIMEOUT));
  }

  /** A connection of its own. */
  RawHttp2 connect() throws IOException {
    return RawHttp2.open(node.port(), client);
  }

  /** The head of a request for the key's own object. */
  Http2Headers own() {
    return RawHttp2.get("/cp/partner-key", "edge", key.secret());
  }

  /** Whatever was done to other connections, the bystander must not notice anything. */
  void assertBystanderIsServed() throws IOException {
    assertThat(bystander.ask(own()).status()).isEqualTo(200);
  }

  @Override
  public void close() throws IOException {
    bystander.close();
    nodes.close();
  }
}
