package ai.molecule.edge.controlplane.webhooks;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event on its way to one webhook. Immutable.
 *
 * @param event the payload as it is sent
 * @param attempts all attempts ever begun
 * @param history the last attempts, oldest first
 * @param nextAttemptAt when it is tried next; null when it is over
 * @param endedAt when it was delivered or given up; null while it is pending
 */
public record Delivery(
    UUID id,
    UUID webhookId,
    UUID eventId,
    JsonObject event,
    Status status,
    int attempts,
    JsonArray history,
    @Nullable Instant nextAttemptAt,
    Instant createdAt,
    @Nullable Instant endedAt) {

  /** Where a delivery is in its life. */
  public enum Status {
    /** It is being tried, or will be. */
    PENDING,
    /** The receiver took it. */
    DELIVERED,
    /** It was given up, until somebody replays it. */
    DEAD;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The published name. */
    public String wireName() {
      return wireName;
    }

    /** The status of that published name. */
    public static Optional<Status> ofWireName(String name) {
      return Arrays.stream(values()).filter(status -> status.wireName.equals(name)).findFirst();
    }
  }
}
