package ai.molecule.edge.controlplane.webhooks;

import java.time.Duration;

/**
 * How webhooks are kept and delivered to. Immutable and checked; it shows no secret.
 *
 * @param perOwnerMax webhooks of a partner, and of each of its orgs
 * @param sealingKey under which their secrets are kept
 * @param targets where they may lead
 * @param timeout of one attempt
 * @param inFlightMax attempts at once of this node
 * @param perWebhookMax attempts at once to one webhook, by all nodes together
 * @param retention how long deliveries that have ended can be seen and replayed
 */
public record WebhooksConfig(
    int perOwnerMax,
    SealingKey sealingKey,
    Targets targets,
    Duration timeout,
    int inFlightMax,
    int perWebhookMax,
    Duration retention) {

  /** The shipped settings, with a key that lives no longer than this process. */
  public static WebhooksConfig defaults() {
    return new WebhooksConfig(
        20,
        SealingKey.parse(SealingKey.generate()),
        Targets.PUBLIC,
        Duration.ofSeconds(15),
        64,
        4,
        Duration.ofDays(7));
  }

  /** The same with another key. */
  public WebhooksConfig withSealingKey(SealingKey key) {
    return new WebhooksConfig(
        perOwnerMax, key, targets, timeout, inFlightMax, perWebhookMax, retention);
  }

  /** The same with other targets. */
  public WebhooksConfig withTargets(Targets allowed) {
    return new WebhooksConfig(
        perOwnerMax, sealingKey, allowed, timeout, inFlightMax, perWebhookMax, retention);
  }
}
