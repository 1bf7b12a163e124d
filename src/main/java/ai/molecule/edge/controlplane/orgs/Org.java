package ai.molecule.edge.controlplane.orgs;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An org as Postgres has it. Immutable.
 *
 * @param slug its name in URLs, which never changes
 * @param ephemeral whether it ends with the key it was created with, or at {@code expiresAt}
 * @param generation grows when the org begins to go: what worked for an older one has lost
 * @param createdBy {@code admin}, or the id of the key that made it
 * @param readyAt when it was first running
 * @param billingStartedAt when metering began, null before that
 * @param billingClosedAt when metering ended, for ever
 */
public record Org(
    UUID id,
    String partnerId,
    String slug,
    String name,
    Plan plan,
    int seats,
    Branding branding,
    @Nullable String externalId,
    boolean ephemeral,
    @Nullable Integer ttlSeconds,
    @Nullable Instant expiresAt,
    Map<String, String> metadata,
    OrgStatus status,
    long generation,
    String createdBy,
    Instant createdAt,
    @Nullable Instant readyAt,
    @Nullable Instant deletedAt,
    @Nullable Instant billingStartedAt,
    @Nullable Instant billingClosedAt) {

  /** The generation that brings an org up. */
  public static final long FIRST_GENERATION = 1;

  /** What its owner calls it in public: the display name, or else the name. */
  public String shownName() {
    return branding.displayName() == null ? name : branding.displayName();
  }
}
