package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.Limit;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A key record being put together for a test: a plain active key but for what is set. */
final class KeyDraft {
  UUID id = UUID.randomUUID();
  String partnerId = "partner";
  String name = "a key";
  @Nullable UUID orgId;
  @Nullable UUID workspaceId;
  @Nullable KeyHash root;
  @Nullable UUID lineageId;
  @Nullable UUID predecessorId;
  @Nullable UUID successorId;
  @Nullable Instant rotatedAt;
  @Nullable Instant graceUntil;
  @Nullable Instant expiresAt;
  @Nullable Instant revokedAt;
  Instant createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
  boolean disabled;
  boolean orgSuspended;
  long version = 1;
  Limit limit = new Limit(60, 60);

  static KeyDraft ofPartner(String partnerId) {
    KeyDraft draft = new KeyDraft();
    draft.partnerId = partnerId;
    return draft;
  }

  /** A draft that differs from {@code key} in nothing it can set. */
  static KeyDraft of(KeyRecord key) {
    KeyDraft draft = new KeyDraft();
    draft.id = key.id();
    draft.partnerId = key.partnerId();
    draft.name = key.name();
    draft.orgId = key.orgId();
    draft.workspaceId = key.workspaceId();
    draft.root = key.root();
    draft.lineageId = key.lineageId();
    draft.predecessorId = key.predecessorId();
    draft.successorId = key.successorId();
    draft.rotatedAt = key.rotatedAt();
    draft.graceUntil = key.graceUntil();
    draft.expiresAt = key.expiresAt();
    draft.revokedAt = key.revokedAt();
    draft.createdAt = key.createdAt();
    draft.disabled = key.disabled();
    draft.orgSuspended = key.orgSuspended();
    draft.version = key.version();
    draft.limit = key.limit();
    return draft;
  }

  /** The key of the same lineage that comes after {@code key}. */
  static KeyDraft successorOf(KeyRecord key) {
    KeyDraft draft = of(key);
    draft.id = UUID.randomUUID();
    draft.predecessorId = key.id();
    draft.version = 1;
    return draft;
  }

  KeyRecord record() {
    KeyHash hash = hash(id);
    return new KeyRecord(
        id,
        hash,
        root == null ? hash : root,
        version,
        name,
        "what it is for",
        partnerId,
        orgId,
        workspaceId,
        false,
        orgSuspended,
        Environment.TEST,
        "mol_pk_test_AAAA",
        "VO19",
        ScopeSet.of(Scope.ORGS_READ, Scope.ADMIN_KEYS),
        "gold",
        limit,
        AddressRanges.of(List.of("10.0.0.0/8", "2001:db8::/32")),
        disabled,
        lineageId == null ? id : lineageId,
        predecessorId,
        successorId,
        rotatedAt,
        graceUntil,
        "admin",
        createdAt,
        expiresAt,
        revokedAt,
        null,
        Map.of("team", "search"));
  }

  private static KeyHash hash(UUID id) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return KeyHash.ofDigest(sha.digest(id.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
