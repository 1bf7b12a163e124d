package ai.molecule.edge.app;

import ai.molecule.edge.config.TlsConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the certificate files time and again, and gives new ones to the listener: connections
 * made from then on use them, the others go on as they are. Files that cannot be used are reported
 * once, and the listener keeps what it has.
 */
final class TlsReload {
  private static final Logger LOG = LoggerFactory.getLogger(TlsReload.class);

  private final Vertx vertx;
  private final TlsConfig config;
  private final HttpServer server;
  private TlsMaterial used;
  private String complaint = "";

  private TlsReload(Vertx vertx, TlsConfig config, HttpServer server, TlsMaterial used) {
    this.vertx = vertx;
    this.config = config;
    this.server = server;
    this.used = used;
  }

  /** Begins, on the calling event loop; it ends with the listener's deployment. */
  static void start(Vertx vertx, TlsConfig config, HttpServer server, TlsMaterial used) {
    new TlsReload(vertx, config, server, used).lookLater();
  }

  private void lookLater() {
    vertx.setTimer(
        config.reloadInterval().toMillis(), due -> look().onComplete(looked -> lookLater()));
  }

  private Future<Void> look() {
    return vertx
        .executeBlocking(() -> TlsMaterial.read(vertx, config))
        .map(read -> Objects.requireNonNull(read))
        .compose(
            found -> found.equals(used) ? Future.<Void>succeededFuture() : use(found),
            failure -> {
              complain(String.valueOf(failure.getMessage()));
              return Future.succeededFuture();
            });
  }

  private Future<Void> use(TlsMaterial found) {
    return server
        .updateSSLOptions(found.options(config), true)
        .onSuccess(
            updated -> {
              used = found;
              complaint = "";
              LOG.info("tls_certificate_reloaded file={}", config.certificateFile());
            })
        .onFailure(failure -> complain(failure.toString()))
        .mapEmpty();
  }

  private void complain(String why) {
    if (!why.equals(complaint)) {
      complaint = why;
      LOG.warn("tls_certificate_not_reloaded cause={}", why);
    }
  }
}
