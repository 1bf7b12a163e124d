package ai.molecule.edge.credential.coherence;

import ai.molecule.edge.credential.Coherence;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol at work on this node: runs {@link NodeSession} and {@link Coordinator} on one event
 * loop, keeps the listening connection up, and lets every event loop ask. While Postgres is away
 * the session lapses and requests are vouched for by Redis one by one; nothing here stops them.
 */
public final class NodeCoherence implements Coherence, PostgresSessionStore.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(NodeCoherence.class);
  private static final Duration RECONNECT_MIN = Duration.ofMillis(100);
  private static final Duration RECONNECT_MAX = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final Context context;
  private final PostgresSessionStore store;
  private final SessionTimes times;
  private final NodeSession session;
  private final Coordinator coordinator;
  private long ticker;
  private int attempts;
  private boolean closed;

  private NodeCoherence(
      Vertx vertx,
      Context context,
      PostgresSessionStore store,
      EventLoopCaches caches,
      SessionTimes times) {
    this.vertx = vertx;
    this.context = context;
    this.store = store;
    this.times = times;
    ProtocolClock clock = new VertxClock(vertx);
    this.session = new NodeSession(store, caches, clock, times, UUID::randomUUID);
    this.coordinator = new Coordinator(store, clock, times, store::newChangeId);
  }

  /**
   * Starts the protocol on an event loop of its own.
   *
   * @param caches the caches of the loops, added before they serve
   */
  public static NodeCoherence start(
      Vertx vertx, PostgresSessionStore store, EventLoopCaches caches, SessionTimes times) {
    Context context = ((VertxInternal) vertx).createEventLoopContext();
    NodeCoherence node = new NodeCoherence(vertx, context, store, caches, times);
    context.runOnContext(
        ignored -> {
          node.connect();
          node.ticker =
              vertx.setPeriodic(times.renewEvery().toMillis(), tick -> node.session.tick());
        });
    return node;
  }

  /** Whether cached entries may admit at {@code nowNanos}; asked on every warm request. */
  public boolean isValid(long nowNanos) {
    return session.isValid(nowNanos);
  }

  @Override
  public Future<Void> invalidate(List<KeyRecord> keys) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        ignored ->
            coordinator
                .invalidate(keys)
                .timeout(4 * times.length().toMillis(), TimeUnit.MILLISECONDS)
                .recover(
                    failure -> {
                      LOG.debug("a change could not be announced", failure);
                      return Future.failedFuture(
                          Problem.of(ProblemCode.STORE_UNAVAILABLE).retryAfter(1));
                    })
                .onComplete(done));
    Context caller = Vertx.currentContext();
    if (caller == null || caller == context) {
      return done.future();
    }
    Promise<Void> back = Promise.promise();
    done.future().onComplete(ended -> caller.runOnContext(ignored -> back.handle(ended)));
    return back.future();
  }

  @Override
  public void invalidated(Invalidation invalidation) {
    session
        .invalidated(invalidation)
        .onFailure(lost -> LOG.debug("a confirmation was not sent: {}", lost.toString()));
  }

  @Override
  public void confirmed(Confirmation confirmation) {
    coordinator.confirmed(confirmation);
  }

  @Override
  public void disconnected() {
    session.connectionLost();
    if (!closed) {
      LOG.warn("the listening connection to Postgres is gone: nothing is served from caches alone");
      connectLater();
    }
  }

  /** Ends the session at once, so that nobody waits for this node. */
  public Future<Void> close() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        ignored -> {
          closed = true;
          vertx.cancelTimer(ticker);
          UUID ended = session.id().orElse(null);
          session.connectionLost();
          store.close(ended).onComplete(done);
        });
    return done.future();
  }

  private void connect() {
    if (closed) {
      return;
    }
    store
        .listen(vertx, this)
        .onComplete(
            connected -> {
              attempts = 0;
              session.tick();
            },
            failed -> {
              LOG.debug("no listening connection yet: {}", failed.toString());
              connectLater();
            });
  }

  private void connectLater() {
    long most =
        Math.min(RECONNECT_MAX.toMillis(), RECONNECT_MIN.toMillis() << Math.min(attempts++, 10));
    vertx.setTimer(ThreadLocalRandom.current().nextLong(most / 2, most + 1), retry -> connect());
  }

  /** Time as Vert.x and the machine have it. */
  private record VertxClock(Vertx vertx) implements ProtocolClock {
    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    public long wallMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public Future<Void> after(Duration duration) {
      return vertx.timer(Math.max(1, duration.plusMillis(1).toMillis())).mapEmpty();
    }
  }
}
