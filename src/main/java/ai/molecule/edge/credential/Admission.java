package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.Decision;
import org.jspecify.annotations.Nullable;

/** What the tiers know of a presented key: nothing, or the key with what was decided. */
public sealed interface Admission {
  /** No such key. */
  record Unknown() implements Admission {}

  /**
   * The key exists, and may not be used or lacks what the request needs.
   *
   * @param key the record
   * @param verdict why not
   * @param decision how full its bucket is; nothing was taken
   */
  record Refused(KeyRecord key, Verdict verdict, Decision decision) implements Admission {}

  /**
   * The key exists and may do this; the limiter has decided.
   *
   * @param key the record
   * @param decision admitted or limited
   * @param warm that version of the key as the event loop holds it; null when it does not
   */
  record Decided(KeyRecord key, Decision decision, @Nullable WarmKey warm) implements Admission {
    /** One that the event loop does not hold. */
    public Decided(KeyRecord key, Decision decision) {
      this(key, decision, null);
    }
  }

  /** Why a known key may not do what it asked. */
  sealed interface Verdict {
    /** Its state refuses it. */
    record Ended(KeyState state) implements Verdict {}

    /** The caller's address is outside {@code ip_allow}. */
    record AddressNotAllowed() implements Verdict {}

    /** A scope is missing. */
    record ScopeMissing(ScopeSet needed) implements Verdict {}

    /** It costs more tokens than the key's bucket can ever hold. */
    record CostExceedsBurst() implements Verdict {}
  }
}
