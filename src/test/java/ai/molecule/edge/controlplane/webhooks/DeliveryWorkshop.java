package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.controlplane.events.EventLog;
import ai.molecule.edge.controlplane.events.EventType;
import ai.molecule.edge.credential.Actor;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Ids;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.TestDatabase;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** A database with webhooks, and nodes that deliver to them. Time is moved by hand. */
final class DeliveryWorkshop implements AutoCloseable {
  static final Duration LEASE = Duration.ofSeconds(30);
  static final AuditContext AUDIT = new AuditContext(Actor.ADMIN, "webhook.changed", "r");
  static final Reach EVERYTHING = new Reach.Everything();
  static final int PER_WEBHOOK_MAX = 3;

  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final TestDatabase database = new TestDatabase();
  final Vertx vertx = database.vertx;
  final SealingKey key = SealingKey.parse(SealingKey.generate());
  final PostgresPools pools = database.pools;
  final WebhookStore webhooks;
  final DeliveryStore deliveries;
  private final List<Node> nodes = new ArrayList<>();

  /** A courier and the event loop that it belongs to. */
  record Node(Context loop, Courier courier) {
    /** Takes up nothing more and ends what it is at. */
    Future<Void> stop() {
      return Future.future(stopped -> loop.runOnContext(go -> courier.stop().onComplete(stopped)));
    }
  }

  /** A webhook and its secret in plain text. */
  record Made(Webhook webhook, String secret) {
    UUID id() {
      return webhook.id();
    }
  }

  DeliveryWorkshop() {
    this.webhooks = new WebhookStore(pools, key, 1_000);
    this.deliveries = new DeliveryStore(pools, webhooks);
  }

  Made webhook(String url) {
    return webhook(url, webhooks);
  }

  Made webhook(String url, WebhookStore store) {
    SigningSecret secret = SigningSecret.generate();
    Webhook webhook =
        new Webhook(
            Ids.next(),
            "acme",
            null,
            url,
            List.of("org.created"),
            Target.parse(url).orElseThrow().isLocal(),
            "admin",
            Instant.now().truncatedTo(ChronoUnit.MILLIS),
            null);
    Await.result(store.add(webhook, secret, AUDIT, (connection, work) -> work.get()));
    return new Made(webhook, secret.text());
  }

  /** Something happens that all webhooks want to be told of. */
  UUID event() {
    return Await.result(
        EventLog.append(
            pools.control(),
            "acme",
            null,
            EventType.ORG_CREATED,
            new JsonObject().put("slug", "zoë"),
            Instant.now()));
  }

  DeliveryQueue queue(Targets targets) {
    return new DeliveryQueue(pools, key, targets != Targets.PUBLIC, PER_WEBHOOK_MAX, LEASE);
  }

  Sender sender(Targets targets, Sender.Resolver resolver, HttpClientOptions options) {
    return sender(targets, resolver, options, DEADLINE);
  }

  Sender sender(
      Targets targets, Sender.Resolver resolver, HttpClientOptions options, Duration deadline) {
    return new Sender(vertx, options, resolver, targets, deadline, 64, InstantSource.system());
  }

  Sender sender() {
    return sender(Targets.LOOPBACK, Sender.Resolver.ofMachine(vertx), new HttpClientOptions());
  }

  /** Starts a node that makes that many attempts at once. */
  Node start(int inFlightMax) {
    return start(inFlightMax, queue(Targets.LOOPBACK));
  }

  Node start(int inFlightMax, DeliveryQueue queue) {
    Context loop = vertx.getOrCreateContext();
    return Await.result(
        Future.future(
            started ->
                loop.runOnContext(
                    go -> {
                      Courier courier =
                          new Courier(
                              vertx,
                              queue,
                              sender(),
                              new RetrySchedule(() -> 0.0),
                              inFlightMax,
                              (outcome, nanos) -> {});
                      courier.start(Duration.ofMillis(20));
                      Node node = new Node(loop, courier);
                      nodes.add(node);
                      started.complete(node);
                    })));
  }

  void stopAll() {
    List<Node> all = List.copyOf(nodes);
    nodes.clear();
    all.forEach(node -> Await.result(node.stop()));
  }

  /** Runs what belongs to an event loop on one. */
  <T> T onLoop(Supplier<Future<T>> work) {
    Context loop = vertx.getOrCreateContext();
    return Await.result(
        Future.future(done -> loop.runOnContext(go -> work.get().onComplete(done))));
  }

  /** Lets time pass, for deliveries. */
  void pass(Duration time) {
    query(
        "UPDATE webhook_deliveries SET due_at = due_at - $1::float8 * interval '1 millisecond'",
        (double) time.toMillis());
  }

  /** The only delivery of a webhook. */
  Delivery only(Made made) {
    List<Delivery> all = list(made, null);
    if (all.size() != 1) {
      throw new AssertionError(all.toString());
    }
    return all.getFirst();
  }

  List<Delivery> list(Made made, Delivery.Status status) {
    return Await.result(deliveries.list(EVERYTHING, made.id(), status, PageRequest.first()))
        .items();
  }

  long count(String status) {
    return query("SELECT count(*) FROM webhook_deliveries WHERE status = $1", status)
        .iterator()
        .next()
        .getLong(0);
  }

  RowSet<Row> query(String sql, Object... parameters) {
    return Await.result(pools.query(pools.control(), sql, Tuple.from(parameters)));
  }

  @Override
  public void close() {
    stopAll();
    database.close();
  }
}
