package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.Environment;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.MintedCredential;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A workspace token being made.
 *
 * @param minted its secret
 * @param limit its own, whatever the limits of its partner's keys
 * @param createdBy {@code admin}, or the id of the key or workspace that asked for it
 */
public record NewToken(
    UUID id, MintedCredential minted, Limit limit, String createdBy, Instant createdAt) {
  private static final long FIRST_VERSION = 1;

  /** The record: a key with no scope, which opens its workspace's own routes and nothing else. */
  KeyRecord of(Org org, UUID workspaceId) {
    @Nullable Instant never = null;
    return new KeyRecord(
        id,
        minted.hash(),
        minted.hash(),
        FIRST_VERSION,
        "workspace token",
        null,
        org.partnerId(),
        org.id(),
        workspaceId,
        false,
        false,
        Environment.LIVE,
        minted.shownPrefix(),
        minted.last4(),
        ScopeSet.NONE,
        null,
        limit,
        AddressRanges.ANYWHERE,
        false,
        id,
        null,
        null,
        never,
        never,
        createdBy,
        createdAt,
        never,
        never,
        never,
        Map.of());
  }
}
