package ai.molecule.edge.config;

import ai.molecule.edge.controlplane.OrgsConfig;
import java.time.Duration;
import java.util.regex.Pattern;

/** The section {@code orgs}: how orgs are made. */
final class OrgsSection {
  static final SectionKeys KEYS = SectionKeys.of("orgs");
  private static final OrgsConfig SHIPPED = OrgsConfig.defaults();
  private static final Kind<String> WEB_ADDRESS =
      new Kind.Text(
          Pattern.compile("https?://[0-9A-Za-z.:_\\[\\]-]{1,253}(/[0-9A-Za-z._~-]{1,100})*"),
          "http(s)://host:port and perhaps a path, without a slash at its end");

  private static final ConfigKey<Integer> PER_PARTNER_MAX =
      KEYS.whole(
          "per_partner_max",
          1,
          1_000_000,
          SHIPPED.perPartnerMax(),
          "Orgs a partner may have at a time.");
  private static final ConfigKey<String> PUBLIC_URL =
      KEYS.optional(
          "public_url",
          WEB_ADDRESS,
          "Where callers reach the edge, for the URLs in answers; without it what the request"
              + " was sent to.");
  private static final ConfigKey<String> PROVISIONER_URL =
      KEYS.optional(
          "provisioner_url",
          WEB_ADDRESS,
          "The control plane that provisions orgs; without it the edge does it itself.");
  private static final ConfigKey<String> PROVISIONER_SECRET =
      KEYS.secret(
          "provisioner_secret",
          Kind.TOKEN,
          "The key that signs requests to the control plane; with orgs.provisioner_url only.");
  private static final ConfigKey<Duration> PROVISIONER_TIMEOUT =
      KEYS.span(
          "provisioner_timeout",
          Duration.ofMillis(100),
          Duration.ofMinutes(5),
          SHIPPED.provisionerTimeout(),
          "Deadline of one try of a step.");
  private static final ConfigKey<Integer> ATTEMPTS_MAX =
      KEYS.whole(
          "attempts_max",
          1,
          100,
          SHIPPED.attemptsMax(),
          "Tries of a step before the org has failed; a teardown never gives up.");
  private static final ConfigKey<Duration> RETRY_DELAY_MIN =
      KEYS.span(
          "retry_delay_min",
          SectionKeys.MILLI,
          SectionKeys.MINUTE,
          SHIPPED.pauseMin(),
          "Pause before the second try; doubles with each further one, less some jitter.");
  private static final ConfigKey<Duration> RETRY_DELAY_MAX =
      KEYS.span(
          "retry_delay_max",
          SectionKeys.MILLI,
          SectionKeys.HOUR,
          SHIPPED.pauseMax(),
          "The longest pause; not below orgs.retry_delay_min.");
  private static final ConfigKey<Integer> EXPORTS_MAX =
      KEYS.whole(
          "exports_max",
          1,
          100,
          SHIPPED.exportsMax(),
          "Exports of orgs at a time; one more is answered 503. Each has a connection of the"
              + " control pool.");
  private static final ConfigKey<Duration> EXPORT_TIMEOUT =
      KEYS.span(
          "export_timeout",
          Duration.ofSeconds(1),
          SectionKeys.HOUR,
          SHIPPED.exportTimeout(),
          "Deadline of one export, its reader's time included; it is cut short then.");

  private OrgsSection() {}

  static OrgsConfig read(ConfigValues values) {
    return new OrgsConfig(
        values.get(PER_PARTNER_MAX),
        values.find(PUBLIC_URL).orElse(null),
        values.find(PROVISIONER_URL).orElse(null),
        values.find(PROVISIONER_SECRET).orElse(null),
        values.get(PROVISIONER_TIMEOUT),
        values.get(ATTEMPTS_MAX),
        values.get(RETRY_DELAY_MIN),
        values.get(RETRY_DELAY_MAX),
        values.get(EXPORTS_MAX),
        values.get(EXPORT_TIMEOUT));
  }
}
