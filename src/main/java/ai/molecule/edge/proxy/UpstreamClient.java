package ai.molecule.edge.proxy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one event loop to all upstreams: made on that loop, kept for a while, bounded
 * for each upstream. Used on that loop only.
 */
public final class UpstreamClient {
  private final HttpClient client;

  private UpstreamClient(HttpClient client) {
    this.client = client;
  }

  /**
   * The client of the calling event loop.
   *
   * @param loops event loops among which the node's connections are shared out
   */
  public static UpstreamClient create(Vertx vertx, UpstreamsConfig config, int loops) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setKeepAlive(true)
            .setPipelining(false)
            .setDecompressionSupported(false)
            .setConnectTimeout((int) config.connectTimeout().toMillis())
            .setKeepAliveTimeout((int) config.keepAlive().toSeconds())
            .setIdleTimeout((int) config.idleTimeout().toMillis())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setMaxHeaderSize(config.headBytesMax());
    PoolOptions pool =
        new PoolOptions()
            .setHttp1MaxSize(Math.ceilDiv(config.connectionsMax(), loops))
            .setMaxWaitQueueSize(Math.ceilDiv(config.queueMax(), loops));
    return new UpstreamClient(
        vertx
            .httpClientBuilder()
            .with(options)
            .with(pool)
            .withConnectHandler(ConnectionGuard::install)
            .build());
  }

  /**
   * A request on a connection of its own.
   *
   * @param uri path and query, as they are to be sent
   * @return the request, of which nothing has been sent; fails when no connection is to be had, see
   *     {@link UpstreamOutcome#ofConnecting}
   */
  public Future<HttpClientRequest> open(UpstreamAddress upstream, HttpMethod method, String uri) {
    return client.request(
        new RequestOptions()
            .setHost(upstream.host())
            .setPort(upstream.port())
            .setMethod(method)
            .setURI(uri));
  }

  /** Closes all connections. */
  public Future<Void> close() {
    return client.close();
  }
}
