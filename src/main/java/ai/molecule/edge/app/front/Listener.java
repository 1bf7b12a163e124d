package ai.molecule.edge.app.front;

import ai.molecule.edge.config.DrainConfig;
import ai.molecule.edge.config.HttpConfig;
import ai.molecule.edge.telemetry.EdgeMeter;
import ai.molecule.edge.telemetry.EdgeMeters;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** The public listener of a node: one port, bound on each event loop. Safe on any thread. */
public final class Listener {
  private final Vertx vertx;
  private final String deployment;
  private final int port;
  private final Optional<CertificateWatch> certificates;

  private Listener(
      Vertx vertx, String deployment, int port, Optional<CertificateWatch> certificates) {
    this.vertx = vertx;
    this.deployment = deployment;
    this.port = port;
    this.certificates = certificates;
  }

  /**
   * Begins to listen.
   *
   * @param requests what answers requests; opened once on each event loop
   * @param leaving whether answers must ask clients to close their connections
   * @return fails with an {@link java.io.IOException} that says why when the address is taken or
   *     not ours, or when the certificates cannot be used
   */
  public static Future<Listener> start(
      Vertx vertx,
      HttpConfig http,
      DrainConfig drain,
      RequestSide requests,
      EdgeMeters meters,
      BooleanSupplier leaving) {
    ConnectionCap connections = new ConnectionCap(http.connectionsMax());
    meters.gauge(EdgeMeter.CONNECTIONS, connections::open);
    List<EdgeVerticle> loops = new CopyOnWriteArrayList<>();
    return TlsMaterial.of(vertx, http.front().tls())
        .compose(
            tls ->
                vertx.deployVerticle(
                    () -> {
                      EdgeVerticle loop =
                          new EdgeVerticle(http, tls, drain, requests, connections, leaving);
                      loops.add(loop);
                      return loop;
                    },
                    new DeploymentOptions().setInstances(http.eventLoopsEffective())))
        .map(
            deployed -> {
              EdgeVerticle first = loops.getFirst();
              return new Listener(vertx, deployed, first.port(), first.watchCertificates());
            });
  }

  /** The port. */
  public int port() {
    return port;
  }

  /** Looks at the certificate files now; completes when they are used or refused, never fails. */
  public Future<Void> reload() {
    return certificates.map(CertificateWatch::look).orElse(Future.succeededFuture());
  }

  /**
   * Stops listening, lets requests in flight finish, and only then lets go of what they need. Never
   * fails.
   */
  public Future<Void> close() {
    return vertx.undeploy(deployment).otherwiseEmpty();
  }
}
