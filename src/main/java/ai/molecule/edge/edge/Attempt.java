package ai.molecule.edge.edge;

import ai.molecule.edge.edge.LoopRoutes.LoopRoute;
import ai.molecule.edge.overload.InFlight;
import ai.molecule.edge.proxy.Upstream;
import ai.molecule.edge.proxy.UpstreamOutcome;
import ai.molecule.edge.telemetry.LabelValue;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to have a request answered: the upstream chosen for it, and its place among what is
 * under way there. Ends once, with {@link #over}. Used on its event loop only.
 */
final class Attempt {
  private static final LabelValue.Upstream[] OUTCOMES = LabelValue.Upstream.values();

  private final LoopRoute route;
  private final Upstream upstream;
  private @Nullable InFlight place;
  private boolean over;

  private Attempt(LoopRoute route, Upstream upstream, @Nullable InFlight place) {
    this.route = route;
    this.upstream = upstream;
    this.place = place;
  }

  /**
   * Begins one.
   *
   * @param tried the upstream of the one before, to be avoided
   */
  static Attempt begin(LoopRoute route, ForwardBounds bounds, @Nullable Upstream tried) {
    Upstream chosen = route.balancer().choose(tried);
    chosen.begin();
    InFlight there = bounds.of(chosen.address());
    return new Attempt(route, chosen, bounds.tryBegin(there) ? there : null);
  }

  Upstream upstream() {
    return upstream;
  }

  /** Whether there is room for it at the upstream. */
  boolean hasPlace() {
    return place != null;
  }

  /** The head of an answer has come to a request that began then. */
  void answered(int status, long beganNanos) {
    long now = System.nanoTime();
    route.meters().answered(now - beganNanos);
    if (isComplaint(status)) {
      upstream.failed(now);
    } else {
      upstream.succeeded();
    }
    took(beganNanos, now);
  }

  /** Answers of gateways and of servers that cannot: they count as failures of the upstream. */
  private static boolean isComplaint(int status) {
    return status >= 502 && status <= 504;
  }

  /** No answer has come to a request that began then, for too long. */
  void late(long beganNanos) {
    took(beganNanos, System.nanoTime());
  }

  private void took(long beganNanos, long nowNanos) {
    InFlight there = place;
    if (there != null) {
      there.took(beganNanos, nowNanos);
    }
  }

  /** It has become something that lasts, which is bounded otherwise. */
  void leavePlace() {
    InFlight there = place;
    if (there != null) {
      place = null;
      there.end();
    }
  }

  /** It has ended so. */
  void over(UpstreamOutcome outcome) {
    if (!over) {
      over = true;
      leavePlace();
      upstream.end();
      if (outcome.isFailure()) {
        upstream.failed(System.nanoTime());
      }
      route.meters().ended(OUTCOMES[outcome.ordinal()]);
    }
  }
}
