package ai.molecule.edge.app;

import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.postgres.MigrationReport;
import ai.molecule.edge.postgres.Migrations;
import ai.molecule.edge.telemetry.EdgeMeter;
import ai.molecule.edge.telemetry.Health;
import ai.molecule.edge.telemetry.OperationsServer;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: what it is made of, in the order in which it comes up, and how it leaves. Safe on any
 * thread.
 */
public final class Node {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration MIGRATION_PATIENCE = Duration.ofSeconds(30);

  private final EdgeVertx edge;
  private final EdgeConfig config;
  private final Health health;
  private final StoreProbes probes;
  private final OperationsServer operations;
  private final RequestSide requests;
  private final List<String> deployments = new ArrayList<>();
  private volatile Optional<CertificateWatch> certificates = Optional.empty();
  private volatile boolean leaving;
  private volatile int port;

  private Node(
      EdgeVertx edge,
      EdgeConfig config,
      Health health,
      StoreProbes probes,
      OperationsServer operations,
      RequestSide requests) {
    this.edge = edge;
    this.config = config;
    this.health = health;
    this.probes = probes;
    this.operations = operations;
    this.requests = requests;
  }

  /**
   * Brings a node up: operations listener, migrations, then the public listener.
   *
   * @return the node, listening; fails with a reason when an address is taken or Postgres does not
   *     come in time. What was begun is then let go by closing the Vert.x of {@code edge}
   */
  public static Future<Node> start(EdgeVertx edge, EdgeConfig config, Progress progress) {
    return StoreProbes.start(edge.vertx(), config, edge.meters())
        .compose(probes -> start(edge, config, progress, probes));
  }

  private static Future<Node> start(
      EdgeVertx edge, EdgeConfig config, Progress progress, StoreProbes probes) {
    Map<String, BooleanSupplier> stores = new LinkedHashMap<>();
    stores.put("postgres", probes::postgresReachable);
    stores.put("redis", probes::redisReachable);
    Health health = Health.starting(stores);
    return OperationsServer.start(edge.vertx(), config.management(), health, edge::scrape)
        .compose(
            operations ->
                migrate(edge.vertx(), config, progress)
                    .map(
                        migrated ->
                            new Node(
                                edge,
                                config,
                                health,
                                probes,
                                operations,
                                requestSide(edge, config))))
        .compose(
            node ->
                TlsMaterial.of(edge.vertx(), config.http().front().tls())
                    .compose(tls -> node.listen(progress, tls))
                    .map(node));
  }

  /** Brings the database up to this version. */
  static Future<MigrationReport> migrate(Vertx vertx, EdgeConfig config, Progress progress) {
    progress.step("migrating the database");
    return new Migrations(vertx, config.postgres(), MIGRATION_PATIENCE, progress::step)
        .migrate()
        .onSuccess(report -> LOG.info("schema {}", report));
  }

  /** The one place where what serves requests is put together. */
  private static RequestSide requestSide(EdgeVertx edge, EdgeConfig config) {
    return PartnerRequests.create(edge.vertx(), config, edge.meters());
  }

  private Future<Void> listen(Progress progress, Optional<TlsMaterial> tls) {
    progress.step("listening");
    ConnectionCap connections = new ConnectionCap(config.http().connectionsMax());
    edge.meters().gauge(EdgeMeter.CONNECTIONS, connections::open);
    List<EdgeVerticle> verticles = new ArrayList<>();
    Future<String> deployed =
        edge.vertx()
            .deployVerticle(
                () -> {
                  EdgeVerticle verticle =
                      new EdgeVerticle(
                          config.http(), tls, config.drain(), requests, connections, () -> leaving);
                  verticles.add(verticle);
                  return verticle;
                },
                new DeploymentOptions().setInstances(config.http().eventLoopsEffective()));
    return deployed.map(
        id -> {
          deployments.add(id);
          port = verticles.getFirst().port();
          certificates = verticles.getFirst().watchCertificates();
          health.serving();
          return null;
        });
  }

  /** The public port. */
  public int port() {
    return port;
  }

  /** The operations port. */
  public int managementPort() {
    return operations.port();
  }

  /**
   * Reads again the files that may change while the node runs: the routes and the certificates.
   * What is in force stays where there is a fault.
   *
   * @return completes when what the files say is in force or refused; never fails
   */
  public Future<Void> reload() {
    Future<Void> looked =
        certificates.map(CertificateWatch::look).orElse(Future.succeededFuture());
    return Future.join(requests.reload(), looked).mapEmpty();
  }

  /**
   * Leaves without losing a request: not ready any more, answers ask clients to close, then the
   * listener closes, requests in flight finish, and what must not be lost is written.
   *
   * @return completes when all that is done or its time is over; never fails
   */
  public Future<Void> drain() {
    health.draining();
    leaving = true;
    return edge.vertx()
        .timer(Math.max(1, config.drain().announce().toMillis()), TimeUnit.MILLISECONDS)
        .compose(announced -> undeploy())
        .compose(
            quiet ->
                requests
                    .close()
                    .timeout(Math.max(1, config.drain().flush().toMillis()), TimeUnit.MILLISECONDS))
        .recover(
            failure -> {
              LOG.warn("the drain did not finish: {}", failure.toString());
              return Future.succeededFuture();
            })
        .mapEmpty();
  }

  private Future<Void> undeploy() {
    List<Future<Void>> all = deployments.stream().map(id -> edge.vertx().undeploy(id)).toList();
    return Future.join(all).otherwiseEmpty().mapEmpty();
  }

  /** Lets go of what is left; the Vert.x is its maker's to close. Drain first. Never fails. */
  public Future<Void> close() {
    return operations.close().otherwiseEmpty().compose(closed -> probes.close());
  }
}
