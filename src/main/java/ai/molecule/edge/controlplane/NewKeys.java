package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.credential.Ids;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.KeyState;
import ai.molecule.edge.credential.MintedCredential;
import ai.molecule.edge.credential.Rotation;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Composes the records of keys that did not exist before. Pure but for their fresh ids. */
final class NewKeys {
  private static final long FIRST_VERSION = 1;

  private NewKeys() {}

  /**
   * The key that a request asks for, as far as its caller may grant it.
   *
   * @param org made together with the key, or null
   * @param minted of the environment that {@code authority} gives
   * @param createdBy {@code admin}, or the id of the calling key
   * @throws Problem {@code escalation_refused}, or {@code invalid_request} for an org out of reach
   *     and scopes an org key cannot have
   */
  static KeyRecord created(
      CreateKeyRequest asked,
      @Nullable Org org,
      KeyAuthority authority,
      Limit defaults,
      MintedCredential minted,
      String createdBy,
      Instant now) {
    UUID orgId = org == null ? authority.org(asked.orgId()) : org.id();
    OrgKeyScopes.demand(orgId, asked.scopes());
    ScopeSet scopes = ScopeSet.of(asked.scopes());
    authority.demandScopes(scopes);
    UUID id = Ids.next();
    Tier tier = asked.limit().tier();
    return new KeyRecord(
        id,
        minted.hash(),
        minted.hash(),
        FIRST_VERSION,
        asked.name(),
        asked.description(),
        authority.partner(asked.partnerId()),
        orgId,
        null,
        org != null && org.ephemeral(),
        false,
        authority.environment(asked.environment()),
        minted.shownPrefix(),
        minted.last4(),
        scopes,
        tier == null ? null : tier.name(),
        authority.limit(asked.limit(), defaults),
        authority.ranges(asked.ipAllow()),
        false,
        id,
        null,
        null,
        null,
        null,
        createdBy,
        now,
        asked.expiresAt(),
        null,
        null,
        asked.metadata());
  }

  /**
   * The rotation of a key: the successor is the same key with another secret.
   *
   * @throws Problem {@code escalation_refused} for a key with powers beyond the caller's, since a
   *     rotation hands out its secret; {@code already_rotated}; {@code wrong_state} for a key that
   *     is revoked or expired
   */
  static Rotation.Rotated rotated(
      KeyRecord current,
      Instant now,
      RotateKeyRequest asked,
      KeyAuthority authority,
      MintedCredential minted,
      String createdBy) {
    authority.demandAll(current);
    if (current.successorId() != null) {
      throw Problem.of(ProblemCode.ALREADY_ROTATED);
    }
    KeyState state = current.stateAt(now);
    if (state == KeyState.REVOKED || state == KeyState.EXPIRED) {
      throw Problem.of(ProblemCode.WRONG_STATE, "A key that has ended cannot be rotated.");
    }
    Instant at = now.truncatedTo(ChronoUnit.MILLIS);
    Instant graceUntil = asked.grace().isZero() ? null : at.plus(asked.grace());
    UUID id = Ids.next();
    KeyRecord predecessor = KeyDraft.of(current).replaced(id, at, graceUntil).toRecord();
    return new Rotation.Rotated(predecessor, successor(current, id, at, minted, createdBy));
  }

  private static KeyRecord successor(
      KeyRecord current, UUID id, Instant now, MintedCredential minted, String createdBy) {
    @Nullable Instant never = null;
    return new KeyRecord(
        id,
        minted.hash(),
        current.root(),
        FIRST_VERSION,
        current.name(),
        current.description(),
        current.partnerId(),
        current.orgId(),
        null,
        current.ephemeralOrg(),
        current.orgSuspended(),
        current.environment(),
        minted.shownPrefix(),
        minted.last4(),
        current.scopes(),
        current.tier(),
        current.limit(),
        current.ipAllow(),
        current.disabled(),
        current.lineageId(),
        current.id(),
        null,
        never,
        never,
        createdBy,
        now,
        current.expiresAt(),
        never,
        never,
        current.metadata());
  }
}
