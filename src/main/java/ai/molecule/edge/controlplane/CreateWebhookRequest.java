package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.events.EventLog;
import ai.molecule.edge.controlplane.events.EventType;
import ai.molecule.edge.controlplane.webhooks.Target;
import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.problem.Problem;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the body of {@code POST /cp/webhooks} asks for: valid by itself. Null is what it does not
 * say.
 *
 * @param events without repetition; {@code *} stands for all
 */
record CreateWebhookRequest(String url, List<String> events, @Nullable String partnerId) {
  private static final Set<String> MEMBERS = Set.of("url", "events", "partner_id");
  private static final int EVENTS_MAX = 50;

  /**
   * Reads a body.
   *
   * @param partnerRequired whether the caller belongs to no partner and has to name one
   * @param targets where webhooks may lead
   * @throws Problem {@code invalid_request} with everything that is wrong
   */
  static CreateWebhookRequest parse(JsonBody json, boolean partnerRequired, Targets targets) {
    BodyMembers body = BodyMembers.of(json, MEMBERS);
    if (partnerRequired) {
      body.demand("partner_id");
    }
    body.demand("url");
    body.demand("events");
    String url = url(body, targets);
    List<String> events = events(body);
    String partnerId = KeyMembers.partnerId(body);
    body.throwIfWrong();
    return new CreateWebhookRequest(
        url == null ? "" : url, events == null ? List.of() : events, partnerId);
  }

  private static @Nullable String url(BodyMembers body, Targets targets) {
    String url = body.text("url");
    if (url == null) {
      return null;
    }
    Target target = Target.parse(url).orElse(null);
    if (target == null) {
      body.wrong(
          body.at("url"),
          "invalid_format",
          "This must be an absolute https URL without credentials and fragment.");
      return null;
    }
    if (!targets.allows(target)) {
      body.wrong(body.at("url"), "not_allowed", "This must be https, and on the public internet.");
      return null;
    }
    return url;
  }

  private static @Nullable List<String> events(BodyMembers body) {
    List<String> events =
        body.list(
            "events",
            EVENTS_MAX,
            (name, at) -> {
              if (name.equals(EventLog.EVERY_TYPE) || EventType.ofWireName(name).isPresent()) {
                return name;
              }
              body.wrong(
                  at,
                  "unknown_event",
                  "This must be * or one of " + String.join(", ", EventType.wireNames()) + ".");
              return null;
            });
    if (events != null && events.isEmpty()) {
      body.wrong(body.at("events"), "too_few", "At least one element.");
    }
    return events == null ? null : events.stream().distinct().toList();
  }
}
