package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.idempotency.Creation;
import ai.molecule.edge.controlplane.idempotency.Once;
import ai.molecule.edge.controlplane.webhooks.Delivery;
import ai.molecule.edge.controlplane.webhooks.DeliveryStore;
import ai.molecule.edge.controlplane.webhooks.SigningSecret;
import ai.molecule.edge.controlplane.webhooks.Target;
import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.controlplane.webhooks.Webhook;
import ai.molecule.edge.controlplane.webhooks.WebhookStore;
import ai.molecule.edge.credential.Ids;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The operations on webhooks: the HTTP contract, section 6. A partner-wide key sees all of its
 * partner's, an org key those of its org. What lies outside the caller's reach is the same {@code
 * not_found} as what does not exist. Safe on any thread.
 */
public final class WebhooksApi {
  /** The path of the collection; a webhook's own path is below it. */
  static final String PATH = "/cp/webhooks";

  static final String WEBHOOK_CREATED = "webhook.created";
  static final String WEBHOOK_DELETED = "webhook.deleted";
  static final String DELIVERY_REPLAYED = "webhook.delivery_replayed";

  private final WebhookStore webhooks;
  private final DeliveryStore deliveries;
  private final Targets targets;
  private final InstantSource clock;

  /**
   * The operations over those stores.
   *
   * @param targets where webhooks may lead
   */
  public WebhooksApi(
      WebhookStore webhooks, DeliveryStore deliveries, Targets targets, InstantSource clock) {
    this.webhooks = webhooks;
    this.deliveries = deliveries;
    this.targets = targets;
    this.clock = clock;
  }

  /** Makes a webhook: 201, with its secret. */
  Future<Answer> create(Admitted caller, ControlRoute.Call call) {
    KeyAuthority authority = KeyAuthority.of(caller.principal());
    CreateWebhookRequest asked =
        CreateWebhookRequest.parse(call.body(), authority.isPlatform(), targets);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Webhook webhook =
        new Webhook(
            Ids.next(),
            authority.partner(asked.partnerId()),
            org(caller.principal().reach()),
            asked.url(),
            asked.events(),
            Target.parse(asked.url()).orElseThrow().isLocal(),
            caller.principal().actor().id(),
            now,
            null);
    SigningSecret secret = SigningSecret.generate();
    Once<Webhook> once =
        call.once(
            made ->
                Creation.of(PATH + "/" + made.id(), WebhookJson.of(made))
                    .showing("secret", secret.text()));
    return webhooks
        .add(webhook, secret, caller.audit(WEBHOOK_CREATED), once)
        .map(added -> once.answer());
  }

  private static @Nullable UUID org(Reach reach) {
    return reach instanceof Reach.OfOrg(String partnerId, UUID orgId) ? orgId : null;
  }

  /** Lists webhooks, newest first: 200. */
  Future<Answer> list(Admitted caller, ControlRoute.Call call) {
    PageRequest page = PageParameters.only(call.query());
    return webhooks
        .list(caller.principal().reach(), page)
        .map(found -> PageParameters.answer(found, WebhookJson::of));
  }

  /** Shows a webhook: 200. */
  Future<Answer> get(Admitted caller, ControlRoute.Call call) {
    return webhooks
        .get(caller.principal().reach(), call.id())
        .map(webhook -> Answer.json(200, WebhookJson.of(webhook)));
  }

  /** Removes a webhook with its deliveries: 204. */
  Future<Answer> remove(Admitted caller, ControlRoute.Call call) {
    return webhooks
        .remove(caller.principal().reach(), call.id(), caller.audit(WEBHOOK_DELETED))
        .map(gone -> Answer.noContent());
  }

  /** Lists the deliveries of a webhook, newest first: 200. */
  Future<Answer> deliveries(Admitted caller, ControlRoute.Call call) {
    QueryParameters query = call.query();
    Delivery.@Nullable Status status =
        query.value(
            "status",
            text -> Delivery.Status.ofWireName(text).orElse(null),
            "unknown_value",
            "This must be pending, delivered or dead.");
    PageRequest page = PageParameters.of(query);
    query.throwIfWrong();
    return deliveries
        .list(caller.principal().reach(), call.id(), status, page)
        .map(found -> PageParameters.answer(found, WebhookJson::of));
  }

  /** Has a delivery tried again from the beginning: 202, again and again. */
  Future<Answer> replay(Admitted caller, ControlRoute.Call call) {
    UUID webhook = call.id();
    UUID delivery = call.uuid("delivery");
    return deliveries
        .replay(caller.principal().reach(), webhook, delivery, caller.audit(DELIVERY_REPLAYED))
        .map(pending -> Answer.json(202, WebhookJson.of(pending)));
  }
}
