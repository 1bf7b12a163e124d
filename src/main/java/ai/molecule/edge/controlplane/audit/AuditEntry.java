package ai.molecule.edge.controlplane.audit;

import ai.molecule.edge.credential.Actor;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One mutation.
 *
 * @param at when, in whole microseconds
 * @param action such as {@code key.created}
 * @param targetType such as {@code partner_key}
 * @param requestId the request's {@code X-Request-Id}; {@code none} for what the edge did by itself
 * @param changes {@code {"member": {"from": …, "to": …}}}
 */
public record AuditEntry(
    UUID id,
    Instant at,
    Actor actor,
    String action,
    String targetType,
    String targetId,
    @Nullable String partnerId,
    @Nullable UUID orgId,
    String requestId,
    JsonObject changes) {}
