package ai.molecule.edge.app.front;

import ai.molecule.edge.config.TlsConfig;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the certificate files time and again, and when asked to, and gives new ones to the
 * listener: connections made from then on use them, the others go on as they are. Files that cannot
 * be used are reported once, and to each who asks; the listener keeps what it has.
 *
 * <p>Lives on the event loop of one listener and ends with its deployment. Looks follow each other:
 * were two under way, the one that has read the older files could be the last to have its way.
 */
final class CertificateWatch {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

  private final Vertx vertx;
  private final Context loop;
  private final TlsConfig config;
  private final HttpServer server;
  private TlsMaterial used;
  private String complaint = "";
  private Future<Void> running = Future.succeededFuture();
  private @Nullable Future<Void> next;

  private CertificateWatch(
      Vertx vertx, Context loop, TlsConfig config, HttpServer server, TlsMaterial used) {
    this.vertx = vertx;
    this.loop = loop;
    this.config = config;
    this.server = server;
    this.used = used;
  }

  /**
   * Begins to look.
   *
   * @param loop that of {@code server}
   * @param used what {@code server} has now
   */
  static CertificateWatch start(
      Vertx vertx, Context loop, TlsConfig config, HttpServer server, TlsMaterial used) {
    CertificateWatch watch = new CertificateWatch(vertx, loop, config, server, used);
    loop.runOnContext(now -> watch.lookLater());
    return watch;
  }

  private void lookLater() {
    vertx.setTimer(
        config.reloadInterval().toMillis(), due -> inTurn().onComplete(looked -> lookLater()));
  }

  /**
   * Looks at the files now, and says again what is wrong with them. Safe on any thread.
   *
   * @return completes when what the files hold is used, or reported; never fails
   */
  Future<Void> look() {
    return Future.future(
        looked ->
            loop.runOnContext(
                now -> {
                  complaint = "";
                  inTurn().onComplete(looked);
                }));
  }

  /** One look at a time; all who ask while one is under way are served by one more. */
  private Future<Void> inTurn() {
    if (running.isComplete()) {
      running = read();
      return running;
    }
    Future<Void> waiting = next;
    if (waiting == null) {
      waiting =
          running.compose(
              done -> {
                next = null;
                running = read();
                return running;
              });
      next = waiting;
    }
    return waiting;
  }

  private Future<Void> read() {
    return vertx
        .executeBlocking(() -> TlsMaterial.read(vertx, config))
        .map(found -> Objects.requireNonNull(found))
        .compose(found -> found.equals(used) ? Future.succeededFuture() : use(found))
        .recover(
            failure -> {
              complain(failure instanceof IOException ? failure.getMessage() : failure.toString());
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
        .mapEmpty();
  }

  private void complain(@Nullable String why) {
    if (why != null && !why.equals(complaint)) {
      complaint = why;
      LOG.warn("tls_certificate_not_reloaded cause={}", why);
    }
  }
}
