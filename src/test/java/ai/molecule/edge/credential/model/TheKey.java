package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.Ask;
import ai.molecule.edge.credential.Environment;
import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.ModelCache;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The one key of the model: active in version 1, revoked in version 2. */
final class TheKey {
  static final KeyHash HASH = new KeyHash(1, 2, 3, 4);
  static final KeyRecord ACTIVE = version(1, null);
  static final KeyRecord REVOKED = version(2, Instant.EPOCH);

  /** A request that needs no scope and costs a token. */
  static final Ask ASK = new Ask(ScopeSet.NONE, 1, () -> "192.0.2.1");

  /** The question whether a key would be let through, with nothing spent. */
  static final Ask LOOK = new Ask(ScopeSet.NONE, 0, () -> "192.0.2.1");

  private static final Buffer ACTIVE_BYTES = ModelCache.encode(ACTIVE);
  private static final Buffer REVOKED_BYTES = ModelCache.encode(REVOKED);

  private TheKey() {}

  /** The record of that version as Redis holds it. */
  static Buffer bytes(int version) {
    return version == 1 ? ACTIVE_BYTES : REVOKED_BYTES;
  }

  static KeyRecord of(int version) {
    return version == 1 ? ACTIVE : REVOKED;
  }

  private static KeyRecord version(long version, @Nullable Instant revokedAt) {
    return new KeyRecord(
        new UUID(7, 7),
        HASH,
        HASH,
        version,
        "the key",
        null,
        "partner",
        null,
        null,
        false,
        false,
        Environment.TEST,
        "pk_test",
        "last",
        ScopeSet.NONE,
        null,
        new Limit(60_000, 1_000),
        AddressRanges.ANYWHERE,
        false,
        new UUID(7, 8),
        null,
        null,
        null,
        null,
        "admin",
        Instant.EPOCH,
        null,
        revokedAt,
        null,
        Map.of());
  }
}
