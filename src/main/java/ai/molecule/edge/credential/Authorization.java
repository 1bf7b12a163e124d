package ai.molecule.edge.credential;

import ai.molecule.edge.credential.Admission.Verdict;
import org.jspecify.annotations.Nullable;

/** Whether a known key may do what a request asks, whatever its bucket holds. Pure. */
final class Authorization {
  private Authorization() {}

  /** Why not, or null when it may. The first reason wins: state, address, scope, cost. */
  static @Nullable Verdict refusal(KeyRecord key, KeyState state, Ask ask) {
    if (state != KeyState.ACTIVE) {
      return new Verdict.Ended(state);
    }
    if (!key.ipAllow().allows(ask.caller())) {
      return new Verdict.AddressNotAllowed();
    }
    if (!key.scopes().hasAll(ask.needed())) {
      return new Verdict.ScopeMissing(ask.needed());
    }
    if (ask.cost() > key.limit().burst()) {
      return new Verdict.CostExceedsBurst();
    }
    return null;
  }
}
