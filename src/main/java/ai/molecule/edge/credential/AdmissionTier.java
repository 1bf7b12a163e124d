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

  /** The same as {@link #admit}, for whoever has just been told null by {@link #admitNow}. */
  default Future<Admission> admitLater(KeyHash hash, Ask ask) {
    return admit(hash, ask);
  }

  /** A warm key is about to run out of tokens; no request waits for what is done about it. */
  default void renew(KeyHash hash) {}

  /**
   * A request turned out to cost other than was taken for it. What it cost more is charged, down to
   * a debt of one burst; what it cost less is given back, as far as the limit holds as if the true
   * cost had been taken at once. A settlement that cannot be made is lost; no request waits for it.
   *
   * @param key as admitted
   * @param difference the true cost less the tokens taken; not 0
   * @param admittedNanos {@link System#nanoTime} before the tokens were taken
   * @param leased whether they came out of a lease
   */
  default void settle(KeyRecord key, long difference, long admittedNanos, boolean leased) {}
}
