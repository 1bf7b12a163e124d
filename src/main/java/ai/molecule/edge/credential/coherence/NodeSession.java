package ai.molecule.edge.credential.coherence;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's right to trust its caches. While {@link #isValid} says so, an entry may admit without
 * asking anybody: whoever changes a key waits for this session to confirm or to end.
 *
 * <p>The right ends {@code margin} before Postgres would end the session, counted from before the
 * renewal was sent. When a renewal is refused, its outcome is unknown, it is answered after the
 * session's end, the connection is lost or the machine was paused, the session is given up:
 * everything is forgotten, a new one is begun, and what was read before it had begun is forgotten
 * too.
 *
 * <p>All methods run on the coherence context; {@link #isValid} on any thread.
 */
public final class NodeSession {
  private static final Logger LOG = LoggerFactory.getLogger(NodeSession.class);

  private final SessionStore store;
  private final NodeCaches caches;
  private final ProtocolClock clock;
  private final SessionTimes times;
  private final Supplier<UUID> ids;
  private @Nullable UUID sessionId;
  private boolean busy;
  private long epoch;
  private long checkedNanos;
  private long checkedWallMillis;
  private volatile long validUntilNanos;
  private volatile boolean held;

  /** A node without a session; {@link #tick} begins one. */
  public NodeSession(
      SessionStore store,
      NodeCaches caches,
      ProtocolClock clock,
      SessionTimes times,
      Supplier<UUID> ids) {
    this.store = store;
    this.caches = caches;
    this.clock = clock;
    this.times = times;
    this.ids = ids;
    this.checkedNanos = clock.nanos();
    this.checkedWallMillis = clock.wallMillis();
  }

  /** Whether cached entries may admit at {@code nowNanos}. */
  public boolean isValid(long nowNanos) {
    return held && nowNanos - validUntilNanos < 0;
  }

  /** The id of the session, or empty while there is none. */
  public Optional<UUID> id() {
    return Optional.ofNullable(held ? sessionId : null);
  }

  /** Renews the session, or begins one; called every {@code renewEvery}. */
  public Future<Void> tick() {
    if (wasPaused()) {
      LOG.warn("this machine was paused: starting over with empty caches");
      return giveUp();
    }
    if (busy) {
      return Future.succeededFuture();
    }
    return held ? renew() : begin();
  }

  /** The connection that LISTENs is gone: invalidations may have been missed. */
  public Future<Void> connectionLost() {
    return giveUp();
  }

  /** An invalidation has arrived: forgets, then confirms. */
  public Future<Void> invalidated(Invalidation invalidation) {
    return caches
        .drop(invalidation.hashes())
        .compose(
            dropped -> {
              UUID current = sessionId;
              return current == null
                  ? Future.succeededFuture()
                  : store.confirm(new Confirmation(invalidation.changeId(), current));
            });
  }

  private Future<Void> renew() {
    UUID renewed = sessionId;
    if (renewed == null) {
      return Future.succeededFuture();
    }
    busy = true;
    long sentNanos = clock.nanos();
    long begunEpoch = epoch;
    return store
        .renew(renewed)
        .transform(
            done -> {
              if (begunEpoch != epoch) {
                return Future.succeededFuture();
              }
              busy = false;
              // An answer after the session's end does not count: had the renewal become visible
              // only then, a change could have read the sessions meanwhile and missed this one.
              if (done.succeeded() && done.result() && isValid(clock.nanos())) {
                validUntilNanos = endOf(sentNanos);
                return Future.succeededFuture();
              }
              return giveUp();
            });
  }

  private Future<Void> begin() {
    busy = true;
    UUID replaced = sessionId;
    UUID fresh = ids.get();
    sessionId = fresh;
    long sentNanos = clock.nanos();
    long begunEpoch = epoch;
    return store
        .begin(fresh, replaced)
        .compose(begun -> caches.dropAll())
        .transform(
            done -> {
              if (begunEpoch != epoch) {
                return Future.succeededFuture();
              }
              busy = false;
              if (done.succeeded()) {
                validUntilNanos = endOf(sentNanos);
                held = true;
              }
              return Future.succeededFuture();
            });
  }

  private Future<Void> giveUp() {
    epoch++;
    busy = false;
    held = false;
    return caches.dropAll();
  }

  private long endOf(long sentNanos) {
    return sentNanos + times.length().toNanos() - times.margin().toNanos();
  }

  private boolean wasPaused() {
    long nanos = clock.nanos();
    long wallMillis = clock.wallMillis();
    long drift = (wallMillis - checkedWallMillis) * 1_000_000 - (nanos - checkedNanos);
    checkedNanos = nanos;
    checkedWallMillis = wallMillis;
    return Math.abs(drift) > times.driftMax().toNanos();
  }
}
