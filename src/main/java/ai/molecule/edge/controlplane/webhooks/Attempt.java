package ai.molecule.edge.controlplane.webhooks;

import static ai.molecule.edge.credential.KeyJson.timestamp;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt that was made, and what came of it.
 *
 * @param responseStatus the HTTP status; null when there was no answer
 * @param responseBody the beginning of the answer's body; null when there was no answer
 * @param error why there was no answer; null when there was one
 * @param retryAfter what the receiver asked for; zero when it did not
 */
record Attempt(
    Instant at,
    Duration took,
    @Nullable Integer responseStatus,
    @Nullable String responseBody,
    @Nullable String error,
    Duration retryAfter) {
  private static final int GONE = 410;

  /** Whether the receiver took the event: any 2xx. */
  boolean delivered() {
    return responseStatus != null && responseStatus >= 200 && responseStatus < 300;
  }

  /** Whether the receiver wants to hear no more. */
  boolean gone() {
    return responseStatus != null && responseStatus == GONE;
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("at", timestamp(at))
        .put("duration_ms", took.toMillis())
        .put("response_status", responseStatus)
        .put("response_body", responseBody)
        .put("error", error);
  }
}
