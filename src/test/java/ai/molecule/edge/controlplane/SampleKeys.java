package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.Environment;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.MintedCredential;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Key records for pure tests. */
final class SampleKeys {
  static final Instant NOW = Instant.parse("2030-01-31T12:00:00.123Z");
  static final UUID ID = UUID.fromString("01890000-0000-7000-8000-000000000001");
  static final UUID ORG = UUID.fromString("01890000-0000-7000-8000-0000000000aa");

  private SampleKeys() {}

  /** A live, partner-wide key of acme: orgs:read and admin:keys, 100 a minute, burst 50. */
  static KeyRecord manager() {
    return key(Environment.LIVE, null);
  }

  /** The same as a test key. */
  static KeyRecord testManager() {
    return key(Environment.TEST, null);
  }

  /** The same, bound to {@link #ORG}. */
  static KeyRecord orgManager() {
    return key(Environment.LIVE, ORG);
  }

  /** The manager, usable from 10.0.0.0/8 only. */
  static KeyRecord managerWithin10() {
    return KeyDraft.of(manager()).ipAllow(AddressRanges.of(List.of("10.0.0.0/8"))).toRecord();
  }

  private static KeyRecord key(Environment environment, @Nullable UUID orgId) {
    MintedCredential minted = MintedCredential.mint(environment.kind());
    return new KeyRecord(
        ID,
        minted.hash(),
        minted.hash(),
        1,
        "manager",
        "what it is for",
        "acme",
        orgId,
        null,
        false,
        false,
        environment,
        minted.shownPrefix(),
        minted.last4(),
        ScopeSet.of(Scope.ORGS_READ, Scope.ADMIN_KEYS),
        null,
        new Limit(100, 50),
        AddressRanges.ANYWHERE,
        false,
        ID,
        null,
        null,
        null,
        null,
        "admin",
        NOW.minusSeconds(60),
        null,
        null,
        null,
        Map.of("team", "search", "stage", "beta"));
  }
}
