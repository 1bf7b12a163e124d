package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Everything the edge knows of one partner key or workspace token, at one version. Immutable; the
 * plaintext is not in it. A workspace token is a key like any other to whoever looks it up, counts
 * its requests or revokes it; that it acts as a workspace is for {@code exchange.Gate} to see.
 *
 * @param id the key's id
 * @param hash SHA-256 of its credential
 * @param root the hash of its lineage's first key: where the bucket lives
 * @param version grows by one with every change that matters to admission
 * @param name 1–100 characters
 * @param partnerId whose key it is
 * @param orgId the org it is bound to, or null for a partner-wide key
 * @param workspaceId the workspace it acts as, for a workspace token; null for a partner key
 * @param ephemeralOrg whether the org was created with the key and ends with it
 * @param orgSuspended whether its org is suspended
 * @param rotatedAt when a successor replaced it
 * @param graceUntil until when it works beside its successor
 * @param createdBy {@code admin}, or the id of the key that made it
 * @param lastUsedAt as stored when the record was read; a node may know better
 */
public record KeyRecord(
    UUID id,
    KeyHash hash,
    KeyHash root,
    long version,
    String name,
    @Nullable String description,
    String partnerId,
    @Nullable UUID orgId,
    @Nullable UUID workspaceId,
    boolean ephemeralOrg,
    boolean orgSuspended,
    Environment environment,
    String prefix,
    String last4,
    ScopeSet scopes,
    @Nullable String tier,
    Limit limit,
    AddressRanges ipAllow,
    boolean disabled,
    UUID lineageId,
    @Nullable UUID predecessorId,
    @Nullable UUID successorId,
    @Nullable Instant rotatedAt,
    @Nullable Instant graceUntil,
    String createdBy,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Instant revokedAt,
    @Nullable Instant lastUsedAt,
    Map<String, String> metadata) {
  /** Within the 292 years that a time in nanoseconds can be away. */
  private static final Instant COUNTED_UNTIL = Instant.parse("2200-01-01T00:00:00Z");

  /** Whether the key can be used at {@code now}. The first reason to refuse wins. */
  public KeyState stateAt(Instant now) {
    KeyState stored = storedState();
    if (stored == KeyState.REVOKED || stored == KeyState.ROTATED) {
      return stored;
    }
    if (graceUntil != null && !now.isBefore(graceUntil)) {
      return KeyState.ROTATED;
    }
    if (expiresAt != null && !now.isBefore(expiresAt)) {
      return KeyState.EXPIRED;
    }
    return stored;
  }

  /** The state that does not depend on the time. */
  public KeyState storedState() {
    if (revokedAt != null) {
      return KeyState.REVOKED;
    }
    if (successorId != null && graceUntil == null) {
      return KeyState.ROTATED;
    }
    if (disabled) {
      return KeyState.DISABLED;
    }
    return orgSuspended ? KeyState.ORG_SUSPENDED : KeyState.ACTIVE;
  }

  /**
   * When the key ends by itself: the earlier of expiry and end of grace, or null. An expiry that
   * lies beyond what is counted in nanoseconds ends nothing that this process lives to see.
   */
  public @Nullable Instant notAfter() {
    Instant expiry = expiresAt == null || expiresAt.isAfter(COUNTED_UNTIL) ? null : expiresAt;
    if (expiry == null || graceUntil == null) {
      return expiry == null ? graceUntil : expiry;
    }
    return expiry.isBefore(graceUntil) ? expiry : graceUntil;
  }

  /** Whether it is the end of grace, not the expiry, that ends the key. */
  public boolean endsWithGrace() {
    return graceUntil != null && graceUntil.equals(notAfter());
  }

  /** The published status at {@code now}: what the key object's {@code status} says. */
  public String statusAt(Instant now) {
    return switch (stateAt(now)) {
      case REVOKED -> "revoked";
      case ROTATED -> "rotated";
      case EXPIRED -> "expired";
      case DISABLED -> "disabled";
      case ACTIVE, ORG_SUSPENDED -> graceUntil == null ? "active" : "grace";
    };
  }
}
