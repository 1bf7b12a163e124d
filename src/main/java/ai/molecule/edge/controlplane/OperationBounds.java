package ai.molecule.edge.controlplane;

import ai.molecule.edge.overload.InFlight;
import ai.molecule.edge.overload.OverloadConfig;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.telemetry.EdgeMeter;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.function.Supplier;

/**
 * How many operations of the control plane a node runs at a time. Revocations have room of their
 * own, which nothing else can take; heartbeats are bounded where they wait. Shared by all event
 * loops.
 */
public final class OperationBounds {
  private static final Problem OVERLOADED = Problem.of(ProblemCode.OVERLOADED).retryAfter(1);
  private static final String HEARTBEAT = "/registry/heartbeat";

  private final InFlight operations;
  private final InFlight revocations;
  private final EdgeMeters meters;

  private OperationBounds(InFlight operations, InFlight revocations, EdgeMeters meters) {
    this.operations = operations;
    this.revocations = revocations;
    this.meters = meters;
  }

  /** The bounds of a node, with their gauges. */
  public static OperationBounds create(OverloadConfig config, EdgeMeters meters) {
    InFlight operations = InFlight.adaptive(config.callsMin(), config.callsMax());
    meters.gauge(EdgeMeter.CALLS_IN_FLIGHT, operations::underWay);
    meters.gauge(EdgeMeter.CALLS_IN_FLIGHT_MAX, operations::max);
    return new OperationBounds(operations, InFlight.fixed(config.revocationsMax()), meters);
  }

  /** Refuses a call of {@code route} whose operation would be one too many. */
  void throwIfFull(ControlRoute route) {
    if (isBounded(route) && of(route).isFull()) {
      throw refused(route);
    }
  }

  /**
   * Runs an operation of {@code route} within its bound.
   *
   * @return what it comes to; fails with {@code overloaded}, and does not run it, when there are
   *     too many
   */
  <T> Future<T> run(ControlRoute route, Supplier<Future<T>> operation) {
    if (!isBounded(route)) {
      return operation.get();
    }
    InFlight bound = of(route);
    if (!bound.tryBegin()) {
      return Future.failedFuture(refused(route));
    }
    long began = System.nanoTime();
    return Future.<T>future(done -> operation.get().onComplete(done))
        .onComplete(
            done -> {
              bound.took(began);
              bound.end();
            });
  }

  private Problem refused(ControlRoute route) {
    meters.refused(
        isRevocation(route) ? LabelValue.Overload.REVOCATIONS : LabelValue.Overload.CALLS);
    return OVERLOADED;
  }

  private InFlight of(ControlRoute route) {
    return isRevocation(route) ? revocations : operations;
  }

  private static boolean isBounded(ControlRoute route) {
    return !route.spec().template().equals(HEARTBEAT);
  }

  /** What ends a credential costs nothing, and nothing else does. */
  private static boolean isRevocation(ControlRoute route) {
    return route.method().equals(HttpMethod.DELETE) && route.spec().cost() == 0;
  }
}
