package ai.molecule.edge.app;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.proxy.UpstreamsConfig;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A node with routes to services behind it, and a key that may take them: started by a test when
 * its upstreams are there, closed when the test is over and they are gone.
 */
final class RoutedNode implements AfterEachCallback {
  private final String[] scopes;
  private @Nullable EdgeNodes nodes;
  private @Nullable RunningNode node;
  private @Nullable Made key;

  /** Not started yet; the key will have those scopes. */
  RoutedNode(String... scopes) {
    this.scopes = scopes;
  }

  /** Starts the node with those routes: {@link RouteYaml}. */
  void start(String yaml) {
    start(yaml, UnaryOperator.identity());
  }

  /** The same with other settings. */
  void start(String yaml, UnaryOperator<EdgeConfig> settings) {
    nodes =
        EdgeNodes.onSharedStores()
            .with(config -> settings.apply(config.withRoutes(RouteYaml.parse(yaml))));
    node = nodes.start();
    key = node.create(scopes);
  }

  /** The same with so many connections to one upstream, and so many places in its queue. */
  void start(String yaml, int connectionsMax, int queueMax) {
    UpstreamsConfig shipped = UpstreamsConfig.defaults();
    UpstreamsConfig narrow =
        new UpstreamsConfig(
            connectionsMax,
            queueMax,
            shipped.connectTimeout(),
            shipped.keepAlive(),
            shipped.idleTimeout(),
            shipped.headBytesMax(),
            shipped.streamsPerKeyMax(),
            shipped.ejectionFailures(),
            shipped.ejectionTime());
    start(yaml, config -> config.withUpstreams(narrow));
  }

  RunningNode node() {
    return Objects.requireNonNull(node, "not started");
  }

  Made key() {
    return Objects.requireNonNull(key, "not started");
  }

  /** Asks with the key. */
  HttpResponse<String> get(String path) {
    return node().send("GET", path, key().secret(), null);
  }

  /** Sends that body with the key. */
  HttpResponse<String> post(String path, String body) {
    return node().send("POST", path, key().secret(), body);
  }

  /** A connection to write by hand. */
  RawConnection connect() throws IOException {
    return new RawConnection(node());
  }

  /**
   * The bytes of a request with the key and without a body.
   *
   * @param line method, target and version
   * @param headers further ones, each with its end of line
   */
  String request(String line, String... headers) {
    return line
        + "\r\nHost: e\r\nAuthorization: Bearer "
        + key().secret()
        + "\r\n"
        + String.join("", headers)
        + "\r\n";
  }

  @Override
  public void afterEach(ExtensionContext test) {
    if (nodes != null) {
      nodes.close();
    }
  }
}
