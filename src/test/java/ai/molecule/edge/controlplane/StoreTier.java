package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.Admission;
import ai.molecule.edge.credential.AdmissionTier;
import ai.molecule.edge.credential.Ask;
import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.credential.KeyLookup;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.KeyState;
import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.ratelimit.LocalBuckets;
import io.vertx.core.Future;
import java.time.Instant;

/** A tier without a cache: each request asks Postgres, and its bucket is this node's own. */
final class StoreTier implements AdmissionTier {
  private final KeyLookup lookup;
  private final LocalBuckets buckets =
      new LocalBuckets(LocalBuckets.BUCKETS_MAX_DEFAULT, System::nanoTime);
  private final long startNanos = System.nanoTime();

  StoreTier(KeyLookup lookup) {
    this.lookup = lookup;
  }

  @Override
  public Future<Admission> admitByStores(KeyHash hash, Ask ask) {
    return lookup
        .find(hash)
        .map(
            result ->
                switch (result) {
                  case KeyLookup.Result.Absent() -> new Admission.Unknown();
                  case KeyLookup.Result.Found(KeyRecord key) -> admit(key, ask);
                });
  }

  private Admission admit(KeyRecord key, Ask ask) {
    Limit limit = key.limit();
    Decision peeked =
        new Decision(Decision.Outcome.PEEKED, limit, limit.burst(), 0, 0, Decision.Source.LOCAL);
    KeyState state = key.stateAt(Instant.now());
    if (state != KeyState.ACTIVE) {
      return new Admission.Refused(key, new Admission.Verdict.Ended(state), peeked);
    }
    if (!key.ipAllow().allows(ask.caller())) {
      return new Admission.Refused(key, new Admission.Verdict.AddressNotAllowed(), peeked);
    }
    if (!key.scopes().hasAll(ask.needed())) {
      return new Admission.Refused(key, new Admission.Verdict.ScopeMissing(ask.needed()), peeked);
    }
    if (ask.cost() == 0) {
      return new Admission.Decided(key, peeked);
    }
    LocalBuckets.Share share = new LocalBuckets.Share(1, limit.burst(), startNanos);
    return new Admission.Decided(
        key, buckets.take(key.root().base64Url(), limit, ask.cost(), () -> share));
  }
}
