package ai.molecule.edge.app.node;

import ai.molecule.edge.app.front.Listener;
import ai.molecule.edge.app.front.RequestSide;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.postgres.MigrationReport;
import ai.molecule.edge.postgres.Migrations;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.telemetry.Health;
import ai.molecule.edge.telemetry.OperationsServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
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
  private volatile Optional<Listener> listener = Optional.empty();
  private volatile boolean leaving;

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
   * @return the node, listening; fails with an {@link IOException} that names the key to look at
   *     when an address is taken, a certificate cannot be used or Postgres does not come in time.
   *     What is left of it then ends with the Vert.x of {@code edge}
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
            operations -> {
              progress.step("migrating the database");
              return migrate(edge.vertx(), config.postgres(), progress)
                  .map(
                      migrated ->
                          new Node(
                              edge, config, health, probes, operations, requestSide(edge, config)));
            })
        .compose(
            node ->
                node.listen(progress)
                    .map(node)
                    .recover(failure -> node.abandon().transform(done -> failed(failure))));
  }

  /**
   * Brings the database up to this version.
   *
   * @return what was done; fails with an {@link IOException} that says why when Postgres does not
   *     come in time or holds what is not ours
   */
  public static Future<MigrationReport> migrate(
      Vertx vertx, PostgresConfig postgres, Progress progress) {
    return new Migrations(vertx, postgres, MIGRATION_PATIENCE, progress::step)
        .migrate()
        .onSuccess(report -> LOG.info("schema {}", report))
        .recover(
            failure ->
                Future.failedFuture(
                    failure instanceof Problem || failure instanceof IllegalStateException
                        ? new IOException("postgres.uri: " + failure.getMessage(), failure)
                        : failure));
  }

  /** The one place where what serves requests is put together. */
  private static RequestSide requestSide(EdgeVertx edge, EdgeConfig config) {
    return PartnerRequests.create(edge.vertx(), config, edge.meters());
  }

  private Future<Void> listen(Progress progress) {
    progress.step("listening");
    return Listener.start(
            edge.vertx(), config.http(), config.drain(), requests, edge.meters(), () -> leaving)
        .map(
            listening -> {
              listener = Optional.of(listening);
              health.serving();
              return null;
            });
  }

  /** Lets go of what a closed Vert.x would not stop: jobs run on threads of their own. */
  private Future<Void> abandon() {
    return letGo().otherwiseEmpty().compose(closed -> close());
  }

  private static Future<Node> failed(Throwable failure) {
    return Future.failedFuture(failure);
  }

  /** The public port. */
  public int port() {
    return listener.map(Listener::port).orElse(0);
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
    Future<Void> certificates = listener.map(Listener::reload).orElse(Future.succeededFuture());
    return Future.join(requests.reload(), certificates).mapEmpty();
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
        .compose(announced -> listener.map(Listener::close).orElse(Future.succeededFuture()))
        .compose(quiet -> letGo())
        .recover(
            failure -> {
              LOG.warn("the drain did not finish: {}", failure.toString());
              return Future.succeededFuture();
            })
        .mapEmpty();
  }

  private Future<Void> letGo() {
    return requests
        .close()
        .timeout(Math.max(1, config.drain().flush().toMillis()), TimeUnit.MILLISECONDS);
  }

  /** Lets go of what is left; the Vert.x is its maker's to close. Drain first. Never fails. */
  public Future<Void> close() {
    return operations.close().otherwiseEmpty().compose(closed -> probes.close());
  }
}
