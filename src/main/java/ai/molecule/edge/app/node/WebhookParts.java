package ai.molecule.edge.app.node;

import ai.molecule.edge.controlplane.WebhooksApi;
import ai.molecule.edge.controlplane.webhooks.Courier;
import ai.molecule.edge.controlplane.webhooks.DeliveryQueue;
import ai.molecule.edge.controlplane.webhooks.DeliveryStore;
import ai.molecule.edge.controlplane.webhooks.DeliverySweeper;
import ai.molecule.edge.controlplane.webhooks.RetrySchedule;
import ai.molecule.edge.controlplane.webhooks.Sender;
import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.controlplane.webhooks.WebhookStore;
import ai.molecule.edge.controlplane.webhooks.WebhooksConfig;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.telemetry.EdgeMeter;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** What a node has to do with webhooks: their API, and a courier on one of its event loops. */
final class WebhookParts {
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration SWEEP_EVERY = Duration.ofSeconds(30);
  private static final LabelValue.WebhookOutcome[] OUTCOMES = LabelValue.WebhookOutcome.values();

  /** What a claim outlives an attempt by: time to write down what came of it. */
  private static final Duration LEASE_MARGIN = Duration.ofSeconds(15);

  private final PostgresPools pools;
  private final WebhooksConfig config;
  private final EdgeMeters meters;
  private volatile @Nullable Running running;

  private record Running(Vertx vertx, Context loop, Courier courier, DeliverySweeper sweeper) {}

  /** The webhooks behind {@code pools}. */
  WebhookParts(PostgresPools pools, WebhooksConfig config, EdgeMeters meters) {
    this.pools = pools;
    this.config = config;
    this.meters = meters;
  }

  /** The operations on webhooks. */
  WebhooksApi api(InstantSource clock) {
    WebhookStore webhooks = new WebhookStore(pools, config.sealingKey(), config.perOwnerMax());
    return new WebhooksApi(webhooks, new DeliveryStore(pools, webhooks), config.targets(), clock);
  }

  /** Begins to deliver, on the calling event loop. Called once. */
  void start(Vertx vertx) {
    DeliveryQueue queue =
        new DeliveryQueue(
            pools,
            config.sealingKey(),
            config.targets() != Targets.PUBLIC,
            config.perWebhookMax(),
            config.timeout().plus(LEASE_MARGIN));
    Sender sender =
        new Sender(
            vertx,
            new HttpClientOptions(),
            Sender.Resolver.ofMachine(vertx),
            config.targets(),
            config.timeout(),
            config.inFlightMax(),
            InstantSource.system());
    Courier courier =
        new Courier(
            vertx,
            queue,
            sender,
            new RetrySchedule(() -> ThreadLocalRandom.current().nextDouble()),
            config.inFlightMax(),
            (outcome, nanos) -> meters.webhookAttempted(OUTCOMES[outcome.ordinal()], nanos));
    DeliverySweeper sweeper = new DeliverySweeper(pools, config.retention());
    meters.gauge(EdgeMeter.WEBHOOK_LAG, sweeper::lagSeconds);
    running = new Running(vertx, vertx.getOrCreateContext(), courier, sweeper);
    courier.start(LOOK_EVERY);
    sweeper.start(vertx, SWEEP_EVERY);
  }

  /**
   * Takes up nothing more; completes when the attempts under way have ended. What the caller does
   * not wait for is attempted again elsewhere.
   */
  Future<Void> stop() {
    Running parts = running;
    if (parts == null) {
      return Future.succeededFuture();
    }
    return Future.future(
        stopped ->
            parts
                .loop()
                .runOnContext(
                    go -> {
                      parts.sweeper().stop(parts.vertx());
                      parts.courier().stop().onComplete(stopped);
                    }));
  }
}
