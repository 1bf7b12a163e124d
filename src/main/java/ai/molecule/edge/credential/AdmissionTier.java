package ai.molecule.edge.credential;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * One tier of the authentication path: checks a key, authorizes the ask and takes its tokens.
 * Cheaper tiers decorate dearer ones ({@code leased → Redis → Postgres}); the order is written in
 * {@code app.Node} alone. One instance an event loop, called on that loop only.
 */
public interface AdmissionTier {
  /**
   * Decides about one request.
   *
   * @return the admission; fails with a {@code store_unavailable} problem when nothing that knows
   *     the key could be asked (authentication fails closed)
   */
  Future<Admission> admit(KeyHash hash, Ask ask);

  /** The same when nobody has to be asked; else null, and nothing has happened. */
  default @Nullable Admission admitNow(KeyHash hash, Ask ask) {
    return null;
  }

  /** A warm key is about to run out of tokens; no request waits for what is done about it. */
  default void renew(KeyHash hash) {}
}
