package ai.molecule.edge.config;

import ai.molecule.edge.controlplane.webhooks.SealingKey;
import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.controlplane.webhooks.WebhooksConfig;
import java.time.Duration;
import java.util.regex.Pattern;

/** The section {@code webhooks}: how webhooks are kept and delivered to. */
final class WebhooksSection {
  static final SectionKeys KEYS = SectionKeys.of("webhooks");
  private static final WebhooksConfig SHIPPED = WebhooksConfig.defaults();

  static final ConfigKey<String> SECRET_KEY =
      KEYS.secret(
          "secret_key",
          new Kind.Text(
              Pattern.compile("[0-9A-Za-z+/]{42}[048AEIMQUYcgkosw]="), "32 bytes in base64"),
          "The key under which signing secrets are kept, the same on all nodes; without it one in"
              + " data_dir.");
  private static final ConfigKey<Targets> TARGETS =
      KEYS.optional(
          "targets",
          new Kind.Choice<>(Targets.class),
          "Where webhooks may lead: https to public addresses, this machine too, or anywhere;"
              + " without it public, with embedded stores loopback.");
  private static final ConfigKey<Integer> PER_OWNER_MAX =
      KEYS.whole(
          "per_owner_max",
          1,
          1_000,
          SHIPPED.perOwnerMax(),
          "Webhooks of a partner, and of each of its orgs.");
  private static final ConfigKey<Duration> TIMEOUT =
      KEYS.span(
          "timeout",
          Duration.ofMillis(100),
          SectionKeys.MINUTE,
          SHIPPED.timeout(),
          "Deadline of one attempt to deliver.");
  private static final ConfigKey<Integer> IN_FLIGHT_MAX =
      KEYS.whole(
          "in_flight_max", 1, 10_000, SHIPPED.inFlightMax(), "Attempts at once of one node.");
  private static final ConfigKey<Integer> PER_WEBHOOK_MAX =
      KEYS.whole(
          "per_webhook_max",
          1,
          1_000,
          SHIPPED.perWebhookMax(),
          "Attempts at once to one webhook, by all nodes together; one while it fails.");
  private static final ConfigKey<Duration> RETENTION =
      KEYS.span(
          "retention",
          SectionKeys.HOUR,
          Duration.ofDays(90),
          SHIPPED.retention(),
          "How long deliveries that have ended can be seen and replayed.");

  private WebhooksSection() {}

  /**
   * How webhooks are kept and delivered to; without a key that lasts while none is configured: the
   * caller puts it in.
   *
   * @param byDefault where they may lead when nothing is said about it
   */
  static WebhooksConfig read(ConfigValues values, Targets byDefault) {
    return new WebhooksConfig(
        values.get(PER_OWNER_MAX),
        values
            .find(SECRET_KEY)
            .map(SealingKey::parse)
            .orElseGet(() -> WebhooksConfig.defaults().sealingKey()),
        values.find(TARGETS).orElse(byDefault),
        values.get(TIMEOUT),
        values.get(IN_FLIGHT_MAX),
        values.get(PER_WEBHOOK_MAX),
        values.get(RETENTION));
  }
}
