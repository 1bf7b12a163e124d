package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A key being changed: what can change of it, over the record it came from. For one use, on one
 * thread.
 */
final class KeyDraft {
  private final KeyRecord current;
  private String name;
  private @Nullable String description;
  private ScopeSet scopes;
  private @Nullable String tier;
  private Limit limit;
  private AddressRanges ipAllow;
  private boolean disabled;
  private @Nullable UUID successorId;
  private @Nullable Instant rotatedAt;
  private @Nullable Instant graceUntil;
  private @Nullable Instant revokedAt;
  private Map<String, String> metadata;

  private KeyDraft(KeyRecord current) {
    this.current = current;
    this.name = current.name();
    this.description = current.description();
    this.scopes = current.scopes();
    this.tier = current.tier();
    this.limit = current.limit();
    this.ipAllow = current.ipAllow();
    this.disabled = current.disabled();
    this.successorId = current.successorId();
    this.rotatedAt = current.rotatedAt();
    this.graceUntil = current.graceUntil();
    this.revokedAt = current.revokedAt();
    this.metadata = current.metadata();
  }

  /** A draft that changes nothing yet. */
  static KeyDraft of(KeyRecord current) {
    return new KeyDraft(current);
  }

  KeyDraft name(String changed) {
    this.name = changed;
    return this;
  }

  KeyDraft description(@Nullable String changed) {
    this.description = changed;
    return this;
  }

  KeyDraft scopes(ScopeSet changed) {
    this.scopes = changed;
    return this;
  }

  KeyDraft tier(@Nullable String changed) {
    this.tier = changed;
    return this;
  }

  KeyDraft limit(Limit changed) {
    this.limit = changed;
    return this;
  }

  KeyDraft ipAllow(AddressRanges changed) {
    this.ipAllow = changed;
    return this;
  }

  KeyDraft disabled(boolean changed) {
    this.disabled = changed;
    return this;
  }

  KeyDraft metadata(Map<String, String> changed) {
    this.metadata = changed;
    return this;
  }

  KeyDraft revoked(Instant at) {
    this.revokedAt = at;
    return this;
  }

  /** Replaced at {@code at} by that key, and working beside it until then; null for no longer. */
  KeyDraft replaced(UUID successor, Instant at, @Nullable Instant worksUntil) {
    this.successorId = successor;
    this.rotatedAt = at;
    this.graceUntil = worksUntil;
    return this;
  }

  /** The key as drafted: the record it came from, the same instance, when nothing changed. */
  KeyRecord toRecord() {
    KeyRecord drafted =
        new KeyRecord(
            current.id(),
            current.hash(),
            current.root(),
            current.version(),
            name,
            description,
            current.partnerId(),
            current.orgId(),
            current.workspaceId(),
            current.ephemeralOrg(),
            current.orgSuspended(),
            current.environment(),
            current.prefix(),
            current.last4(),
            scopes,
            tier,
            limit,
            ipAllow,
            disabled,
            current.lineageId(),
            current.predecessorId(),
            successorId,
            rotatedAt,
            graceUntil,
            current.createdBy(),
            current.createdAt(),
            current.expiresAt(),
            revokedAt,
            current.lastUsedAt(),
            metadata);
    return drafted.equals(current) ? current : drafted;
  }
}
