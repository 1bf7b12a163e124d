package ai.molecule.edge.controlplane.orgs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a step is.
 *
 * @param name as published
 * @param status {@code pending}, {@code running}, {@code succeeded} or {@code failed}
 * @param error why the last attempt failed, for people; null when it did not
 */
public record StepStatus(
    String name,
    String status,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable String error) {}
