package ai.molecule.edge.app.front;

import ai.molecule.edge.config.DrainConfig;
import ai.molecule.edge.config.HttpConfig;
import ai.molecule.edge.edge.DirectAnswers;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Binds the public listener on one event loop, and on leaving lets requests in flight finish. What
 * a request means is the handler's business.
 */
final class EdgeVerticle extends VerticleBase {
  private static final long HTTP2_NO_ERROR = 0;

  private final HttpConfig http;
  private final Optional<TlsMaterial> tls;
  private final DrainConfig drain;
  private final RequestSide requests;
  private final ConnectionCap connections;
  private final BooleanSupplier leaving;
  private final IdleConnections idle;
  private final Set<HttpConnection> told = Collections.newSetFromMap(new IdentityHashMap<>());
  private @Nullable HttpServer server;
  private @Nullable RequestLoop loop;

  /**
   * One event loop's listener.
   *
   * @param tls the certificates that the files in {@code http} held
   * @param leaving whether answers must ask clients to close their connections
   */
  EdgeVerticle(
      HttpConfig http,
      Optional<TlsMaterial> tls,
      DrainConfig drain,
      RequestSide requests,
      ConnectionCap connections,
      BooleanSupplier leaving) {
    this.http = http;
    this.tls = tls;
    this.drain = drain;
    this.requests = requests;
    this.connections = connections;
    this.leaving = leaving;
    this.idle = new IdleConnections(http.idleTimeout());
  }

  @Override
  public Future<?> start() {
    RequestLoop opened = requests.open(vertx);
    loop = opened;
    HttpServerOptions options = ListenerOptions.of(http, tls);
    idle.start(vertx);
    HttpServer binding =
        vertx
            .createHttpServer(options)
            .connectionHandler(connection -> connected(connection, options, opened.direct()))
            .requestHandler(request -> serve(request, opened.requests()))
            .invalidRequestHandler(opened.malformed());
    server = binding;
    return binding
        .listen()
        .recover(
            failure ->
                Future.failedFuture(
                    new IOException(
                        "http.port: cannot listen at %s:%d: %s"
                            .formatted(http.host(), http.port(), failure.getMessage()),
                        failure)));
  }

  /**
   * From now on new certificates are used when they come, if TLS is spoken. Called once, for one of
   * the listeners of a node: what it is given holds for all of them.
   */
  Optional<CertificateWatch> watchCertificates() {
    HttpServer bound = Objects.requireNonNull(server, "not listening");
    return tls.map(
        used ->
            CertificateWatch.start(vertx, context, http.front().tls().orElseThrow(), bound, used));
  }

  private void connected(
      HttpConnection connection, HttpServerOptions options, DirectAnswers direct) {
    connections.handle(connection);
    idle.watch(connection);
    if (TrustedPeers.admit(connection, http.front())) {
      FrontDecoder.install(connection, options, http);
      FrameWatch.install(connection, http);
      DirectConnection.install(connection, direct, leaving);
    }
  }

  private void serve(HttpServerRequest request, Handler<HttpServerRequest> handler) {
    if (leaving.getAsBoolean()) {
      announce(request);
    }
    handler.handle(request);
  }

  /**
   * Asks the client to go elsewhere. HTTP/2 has a frame for it, once a connection, which says that
   * streams are still served (RFC 9113, section 6.8); there the header would make an answer
   * malformed.
   */
  private void announce(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    } else if (told.add(request.connection())) {
      request.connection().goAway(HTTP2_NO_ERROR, Integer.MAX_VALUE);
    }
  }

  /** The port bound; 0 before. */
  int port() {
    return server == null ? 0 : server.actualPort();
  }

  /** Stops listening, lets requests finish, and only then closes what they need. */
  @Override
  public Future<?> stop() {
    idle.stop(vertx);
    HttpServer bound = server;
    RequestLoop opened = loop;
    if (opened != null) {
      opened.leaving().run();
    }
    Future<Void> quiet =
        bound == null
            ? Future.succeededFuture()
            : bound.shutdown(drain.finish().toMillis(), TimeUnit.MILLISECONDS);
    return opened == null ? quiet : quiet.eventually(opened.closing());
  }
}
