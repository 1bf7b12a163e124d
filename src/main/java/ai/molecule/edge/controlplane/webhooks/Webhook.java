package ai.molecule.edge.controlplane.webhooks;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a partner wants to be told of events. Immutable; its signing secret is not part of it.
 *
 * @param orgId the one org it is told of; null for all of the partner's
 * @param url as it was given
 * @param events names of event types, or {@code *} for all
 * @param local whether it leads to where only some nodes may deliver: {@link Target#isLocal}
 * @param createdBy {@code admin}, or the id of the key that made it
 * @param disabledAt when its receiver said 410 Gone; null while it is told of events
 */
public record Webhook(
    UUID id,
    String partnerId,
    @Nullable UUID orgId,
    String url,
    List<String> events,
    boolean local,
    String createdBy,
    Instant createdAt,
    @Nullable Instant disabledAt) {
  public Webhook {
    events = List.copyOf(events);
  }
}
