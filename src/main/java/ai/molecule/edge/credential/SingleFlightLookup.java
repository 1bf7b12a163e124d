package ai.molecule.edge.credential;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.redis.Incarnation;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets one lookup of a key serve everyone who asks for it at the same time, on all event loops of
 * the node, and bounds the lookups under way. Safe on any thread; each caller's future completes on
 * the caller's own context.
 */
public final class SingleFlightLookup implements KeyLookup {
  /** Which lookups a caller may share. */
  public enum Sharing {
    /**
     * Also one that is already under way. For fills, who note the incarnation of Redis first and
     * share among those who noted the same: what they found is checked against that Redis again
     * before it admits anything.
     */
    RUNNING,
    /**
     * Only one that has not begun. For callers that act on the answer as it stands: a read that
     * began before a revocation was answered must not speak for a request that came after it.
     */
    NOT_BEGUN
  }

  private final KeyLookup next;
  private final Sharing sharing;
  private final int inFlightMax;
  private final Map<Sought, Flight> flights = new HashMap<>();

  /**
   * Decorates {@code next}.
   *
   * @param inFlightMax keys being looked up at most; one more fails as {@code overloaded}
   */
  public SingleFlightLookup(KeyLookup next, Sharing sharing, int inFlightMax) {
    this.next = next;
    this.sharing = sharing;
    this.inFlightMax = inFlightMax;
  }

  @Override
  public Future<Result> find(KeyHash hash) {
    return share(new Sought(hash, null));
  }

  @Override
  public Future<Result> find(KeyHash hash, Incarnation noted) {
    return share(new Sought(hash, noted));
  }

  private Future<Result> share(Sought sought) {
    Waiter waiter = new Waiter(Promise.promise(), Vertx.currentContext());
    boolean begin = false;
    synchronized (flights) {
      Flight flight = flights.get(sought);
      if (flight == null) {
        if (flights.size() >= inFlightMax) {
          return Future.failedFuture(Problem.of(ProblemCode.OVERLOADED).retryAfter(1));
        }
        flight = new Flight();
        flights.put(sought, flight);
        flight.aboard.add(waiter);
        begin = true;
      } else if (sharing == Sharing.RUNNING) {
        flight.aboard.add(waiter);
      } else {
        flight.queued.add(waiter);
      }
    }
    if (begin) {
      fly(sought);
    }
    return waiter.promise.future();
  }

  private void fly(Sought sought) {
    // Future.future: what the lookup throws is a failure like any other, or nobody would ever land.
    Future.<Result>future(found -> next.find(sought.hash).onComplete(found))
        .onComplete(done -> land(sought, done.result(), done.cause()));
  }

  private void land(Sought sought, @Nullable Result result, @Nullable Throwable failure) {
    List<Waiter> landed;
    boolean again;
    synchronized (flights) {
      Flight flight = flights.get(sought);
      if (flight == null) {
        return;
      }
      landed = flight.aboard;
      again = !flight.queued.isEmpty();
      if (again) {
        flight.aboard = flight.queued;
        flight.queued = new ArrayList<>();
      } else {
        flights.remove(sought);
      }
    }
    for (Waiter waiter : landed) {
      waiter.tell(result, failure);
    }
    if (again) {
      fly(sought);
    }
  }

  /** What callers have to agree on to share a lookup. */
  private record Sought(KeyHash hash, @Nullable Incarnation noted) {}

  /** One lookup under way, and who waits for it or for the one after. */
  private static final class Flight {
    private List<Waiter> aboard = new ArrayList<>();
    private List<Waiter> queued = new ArrayList<>();
  }

  private record Waiter(Promise<Result> promise, @Nullable Context context) {
    void tell(@Nullable Result result, @Nullable Throwable failure) {
      if (context == null || context == Vertx.currentContext()) {
        complete(result, failure);
      } else {
        context.runOnContext(ignored -> complete(result, failure));
      }
    }

    private void complete(@Nullable Result result, @Nullable Throwable failure) {
      if (failure != null) {
        promise.fail(failure);
      } else if (result != null) {
        promise.complete(result);
      } else {
        promise.fail(new IllegalStateException("a lookup completed with nothing"));
      }
    }
  }
}
