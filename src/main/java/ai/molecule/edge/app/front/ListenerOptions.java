package ai.molecule.edge.app.front;

import ai.molecule.edge.config.FrontConfig.ProxyProtocol;
import ai.molecule.edge.config.Http2Config;
import ai.molecule.edge.config.HttpConfig;
import ai.molecule.edge.config.TlsConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What Vert.x itself can be told of the public listener. */
final class ListenerOptions {
  /** Vert.x gives each listener a port of its own for 0, and one to all of them for this. */
  private static final int ONE_FREE_PORT_FOR_ALL_LOOPS = -1;

  private ListenerOptions() {}

  /**
   * The options; Vert.x's defaults have HTTP/2 in clear text on. Idle connections are the business
   * of {@link IdleConnections}, but for those with TLS that never become one of HTTP.
   */
  static HttpServerOptions of(HttpConfig http, Optional<TlsMaterial> tls) {
    Http2Config http2 = http.front().http2();
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(http.host())
            .setPort(http.port() == 0 ? ONE_FREE_PORT_FOR_ALL_LOOPS : http.port())
            .setMaxHeaderSize(http.requests().headersBytesMax())
            .setMaxInitialLineLength(http.requests().requestLineBytesMax())
            .setHttp2ClearTextEnabled(false)
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(http2.streamsMax())
                    .setMaxHeaderListSize(http.requests().headersBytesMax()))
            .setHttp2RstFloodMaxRstFramePerWindow(http2.resetsMax())
            .setHttp2RstFloodWindowDuration((int) http2.window().toSeconds())
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
            .setHttp2MaxSmallContinuationFrames(http2.continuationsMax())
            .setUseProxyProtocol(http.front().proxyProtocol() == ProxyProtocol.REQUIRED)
            .setProxyProtocolTimeout(http.requests().headerTimeout().toMillis())
            .setProxyProtocolTimeoutUnit(TimeUnit.MILLISECONDS)
            .setCompressionSupported(false)
            .setDecompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setTcpNoDelay(true);
    tls.ifPresent(material -> secure(options, material, http));
    return options;
  }

  private static void secure(HttpServerOptions options, TlsMaterial material, HttpConfig http) {
    TlsConfig config = http.front().tls().orElseThrow();
    options
        .setIdleTimeout((int) http.idleTimeout().toMillis())
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setSsl(true)
        .setUseAlpn(true)
        .setClientAuth(TlsMaterial.clientAuth(config))
        .setSslHandshakeTimeout(config.handshakeTimeout().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    material.fill(options.getSslOptions());
  }
}
