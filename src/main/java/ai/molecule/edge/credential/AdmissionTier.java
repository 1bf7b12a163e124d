package ai.molecule.edge.credential;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * One tier of the authentication path: checks a key, authorizes the ask and takes its tokens.
 * Cheaper tiers decorate dearer ones ({@code leased → Redis → Postgres}); the order is written in
 * {@code app.node.LoopParts} alone. One instance an event loop, called on that loop only.
 */
public interface AdmissionTier {
  /**
   * Decides about one request from what this event loop and its node remember.
   *
   * @return null when a store has to be asked, and then nothing has happened
   */
  default @Nullable Admission admitNow(KeyHash hash, Ask ask) {
    return null;
  }

  /**
   * Decides about one request by asking the stores: called when {@link #admitNow} has just said
   * null.
   *
   * @return the admission; fails with a {@code store_unavailable} problem when nothing that knows
   *     the key could be asked (authentication fails closed)
   */
  Future<Admission> admitByStores(KeyHash hash, Ask ask);

  /** Decides about one request: at once where possible, else as {@link #admitByStores}. */
  default Future<Admission> admit(KeyHash hash, Ask ask) {
    Admission now = admitNow(hash, ask);
    return now == null ? admitByStores(hash, ask) : Future.succeededFuture(now);
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
   * @param admittedNanos {@link System#nanoTime} before the tokens were taken, be it out of a
   *     lease: until then the bucket held them for the key
   */
  default void settle(KeyRecord key, long difference, long admittedNanos) {}
}
