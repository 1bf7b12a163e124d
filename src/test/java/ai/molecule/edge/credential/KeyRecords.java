package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Key records for tests: one ordinary key, and variations of it. */
public final class KeyRecords {
  /** A fixed point in time, on a millisecond. */
  public static final Instant T0 = Instant.parse("2026-01-02T03:04:05.006Z");

  private KeyRecords() {}

  /** A live, partner-wide key with that hash and limit. */
  public static KeyRecord active(KeyHash hash, Limit limit) {
    UUID id = new UUID(hash.a(), hash.b());
    return new KeyRecord(
        id,
        hash,
        hash,
        1,
        "first",
        null,
        "acme",
        null,
        null,
        false,
        false,
        Environment.LIVE,
        "mol_pk_live_AAAA",
        "HjmP",
        ScopeSet.of(Scope.ORGS_READ),
        null,
        limit,
        AddressRanges.ANYWHERE,
        false,
        id,
        null,
        null,
        null,
        null,
        "admin",
        T0,
        null,
        null,
        null,
        Map.of());
  }

  /** The next version of {@code key}, revoked. */
  public static KeyRecord revoked(KeyRecord key) {
    return with(key, key.version() + 1, T0.plusSeconds(1), key.expiresAt(), key.graceUntil());
  }

  /** {@code key} with an end. */
  public static KeyRecord expiring(KeyRecord key, Instant expiresAt) {
    return with(key, key.version(), key.revokedAt(), expiresAt, key.graceUntil());
  }

  /** {@code key} in its grace period, or past it. */
  public static KeyRecord inGrace(KeyRecord key, Instant graceUntil) {
    return with(key, key.version(), key.revokedAt(), key.expiresAt(), graceUntil);
  }

  private static KeyRecord with(
      KeyRecord key,
      long version,
      @Nullable Instant revokedAt,
      @Nullable Instant expiresAt,
      @Nullable Instant graceUntil) {
    return new KeyRecord(
        key.id(),
        key.hash(),
        key.root(),
        version,
        key.name(),
        key.description(),
        key.partnerId(),
        key.orgId(),
        key.workspaceId(),
        key.ephemeralOrg(),
        key.orgSuspended(),
        key.environment(),
        key.prefix(),
        key.last4(),
        key.scopes(),
        key.tier(),
        key.limit(),
        key.ipAllow(),
        key.disabled(),
        key.lineageId(),
        key.predecessorId(),
        graceUntil == null ? key.successorId() : new UUID(9, 9),
        graceUntil == null ? key.rotatedAt() : T0,
        graceUntil,
        key.createdBy(),
        key.createdAt(),
        expiresAt,
        revokedAt,
        key.lastUsedAt(),
        key.metadata());
  }

  /** A rotated key with every member set, for round trips. */
  public static KeyRecord complete() {
    UUID id = UUID.fromString("01900000-0000-7000-8000-000000000001");
    return new KeyRecord(
        id,
        new KeyHash(1, 2, 3, 4),
        new KeyHash(5, 6, 7, 8),
        42,
        "näme \"x\"",
        "a\nb",
        "acme",
        new UUID(1, 2),
        new UUID(1, 3),
        true,
        true,
        Environment.TEST,
        "mol_pk_test_AAAA",
        "19kX",
        ScopeSet.of(Scope.ORGS_READ, Scope.ADMIN_KEYS),
        "gold",
        new Limit(60_000_000, 1_000_000),
        AddressRanges.of(List.of("10.0.0.0/8", "2001:db8::/32")),
        true,
        new UUID(3, 4),
        new UUID(5, 6),
        new UUID(7, 8),
        T0.plusSeconds(10),
        T0.plusSeconds(20),
        "admin",
        T0,
        T0.plusSeconds(30),
        T0.plusSeconds(40),
        T0.plusSeconds(50),
        Map.of("a", "1", "b", "2"));
  }
}
