package ai.molecule.edge.controlplane.orgs;

import java.time.Instant;
import java.util.UUID;

/**
 * Who has a seat in an org.
 *
 * @param role {@code owner}, {@code admin} or {@code member}
 */
public record Member(UUID id, String email, String role, Instant createdAt) {}
