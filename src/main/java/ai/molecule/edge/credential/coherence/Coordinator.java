package ai.molecule.edge.credential.coherence;

import ai.molecule.edge.credential.Coherence;
import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.credential.KeyRecord;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps 3 to 5 of a change: reads the sessions alive, notifies them, waits until each has confirmed
 * or, fenced after a silence, has run out. Called after the change is in Postgres and in Redis: a
 * node that forgot earlier could be told the old version again. Runs on the coherence context.
 */
public final class Coordinator implements Coherence {
  private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);

  private final SessionStore store;
  private final ProtocolClock clock;
  private final SessionTimes times;
  private final Supplier<UUID> ids;
  private final Map<UUID, Awaited> awaited = new HashMap<>();

  /** A coordinator over {@code store}. */
  public Coordinator(
      SessionStore store, ProtocolClock clock, SessionTimes times, Supplier<UUID> ids) {
    this.store = store;
    this.clock = clock;
    this.times = times;
    this.ids = ids;
  }

  @Override
  public Future<Void> invalidate(List<KeyRecord> keys) {
    List<KeyHash> hashes = keys.stream().map(KeyRecord::hash).toList();
    List<Future<?>> parts = new ArrayList<>();
    for (int from = 0; from < hashes.size(); from += Invalidation.HASHES_MAX) {
      int to = Math.min(hashes.size(), from + Invalidation.HASHES_MAX);
      parts.add(invalidateHashes(hashes.subList(from, to)));
    }
    return Future.all(parts).mapEmpty();
  }

  /** Makes every node forget {@code hashes}, at most {@link Invalidation#HASHES_MAX}. */
  public Future<Void> invalidateHashes(List<KeyHash> hashes) {
    Invalidation invalidation = new Invalidation(ids.get(), List.copyOf(hashes));
    Awaited confirmations = new Awaited();
    awaited.put(invalidation.changeId(), confirmations);
    return store
        .announce(invalidation)
        .compose(
            alive -> {
              confirmations.expect(alive);
              return Future.any(confirmations.all(), clock.after(times.confirmWithin()))
                  .compose(waited -> outwait(confirmations));
            })
        .onComplete(done -> awaited.remove(invalidation.changeId()));
  }

  /** A confirmation has arrived. */
  public void confirmed(Confirmation confirmation) {
    Awaited waiting = awaited.get(confirmation.changeId());
    if (waiting != null) {
      waiting.confirmed(confirmation.sessionId());
    }
  }

  private Future<Void> outwait(Awaited confirmations) {
    List<UUID> silent = confirmations.silent();
    if (silent.isEmpty()) {
      return Future.succeededFuture();
    }
    LOG.warn("{} node session(s) did not confirm a change in time: fencing them", silent.size());
    return store
        .fence(silent)
        .compose(
            remaining -> {
              Duration longest =
                  remaining.values().stream().max(Duration::compareTo).orElse(Duration.ZERO);
              return longest.isPositive()
                  ? Future.any(confirmations.all(), clock.after(longest)).mapEmpty()
                  : Future.succeededFuture();
            });
  }

  /** The confirmations one change waits for. Some may arrive before it is known from whom. */
  private static final class Awaited {
    private final Set<UUID> confirmed = new HashSet<>();
    private final Set<UUID> expected = new HashSet<>();
    private final Promise<Void> all = Promise.promise();
    private boolean expecting;

    void expect(Set<UUID> alive) {
      expected.addAll(alive);
      expecting = true;
      settle();
    }

    void confirmed(UUID sessionId) {
      confirmed.add(sessionId);
      settle();
    }

    Future<Void> all() {
      return all.future();
    }

    List<UUID> silent() {
      return expected.stream().filter(id -> !confirmed.contains(id)).sorted().toList();
    }

    private void settle() {
      if (expecting && confirmed.containsAll(expected)) {
        all.tryComplete();
      }
    }
  }
}
