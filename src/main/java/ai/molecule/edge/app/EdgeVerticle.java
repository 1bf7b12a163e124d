package ai.molecule.edge.app;

import ai.molecule.edge.config.DrainConfig;
import ai.molecule.edge.config.HttpConfig;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Binds the public listener on one event loop, and on leaving lets requests in flight finish. What
 * a request means is the handler's business.
 */
final class EdgeVerticle extends VerticleBase {
  /** Vert.x gives each listener a port of its own for 0, and one to all of them for this. */
  private static final int ONE_FREE_PORT_FOR_ALL_LOOPS = -1;

  private final HttpConfig http;
  private final DrainConfig drain;
  private final RequestSide requests;
  private final ConnectionCap connections;
  private final BooleanSupplier leaving;
  private @Nullable HttpServer server;
  private @Nullable RequestLoop loop;

  /**
   * One event loop's listener.
   *
   * @param leaving whether answers must ask clients to close their connections
   */
  EdgeVerticle(
      HttpConfig http,
      DrainConfig drain,
      RequestSide requests,
      ConnectionCap connections,
      BooleanSupplier leaving) {
    this.http = http;
    this.drain = drain;
    this.requests = requests;
    this.connections = connections;
    this.leaving = leaving;
  }

  @Override
  public Future<?> start() {
    RequestLoop opened = requests.open(vertx);
    loop = opened;
    HttpServerOptions options = options(http);
    HttpServer binding =
        vertx
            .createHttpServer(options)
            .connectionHandler(connection -> connected(connection, options))
            .requestHandler(request -> serve(request, opened.requests()))
            .invalidRequestHandler(opened.malformed());
    server = binding;
    return binding.listen();
  }

  private void connected(HttpConnection connection, HttpServerOptions options) {
    FrontDecoder.install(connection, options, http);
    connections.handle(connection);
  }

  private void serve(HttpServerRequest request, Handler<HttpServerRequest> handler) {
    if (leaving.getAsBoolean()) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    handler.handle(request);
  }

  /** What Vert.x itself can be told of the limits; its defaults have no idle timeout and h2c on. */
  static HttpServerOptions options(HttpConfig http) {
    return new HttpServerOptions()
        .setHost(http.host())
        .setPort(http.port() == 0 ? ONE_FREE_PORT_FOR_ALL_LOOPS : http.port())
        .setMaxHeaderSize(http.headersBytesMax())
        .setMaxInitialLineLength(http.requestLineBytesMax())
        .setIdleTimeout((int) http.idleTimeout().toMillis())
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setHttp2ClearTextEnabled(false)
        .setCompressionSupported(false)
        .setDecompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setTcpNoDelay(true);
  }

  /** The port bound; 0 before. */
  int port() {
    return server == null ? 0 : server.actualPort();
  }

  /** Stops listening, lets requests finish, and only then closes what they need. */
  @Override
  public Future<?> stop() {
    HttpServer bound = server;
    RequestLoop opened = loop;
    Future<Void> quiet =
        bound == null
            ? Future.succeededFuture()
            : bound.shutdown(drain.finish().toMillis(), TimeUnit.MILLISECONDS);
    return opened == null ? quiet : quiet.eventually(opened.closing());
  }
}
