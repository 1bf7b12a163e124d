package ai.molecule.edge.telemetry;

import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.telemetry.LabelValue.Method;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The request counters and the timer of one route. A counter is registered when its combination of
 * labels is first seen; later it is an array index away. Safe on any thread.
 */
public final class RouteMeters {
  private static final int STATUS_FROM = 100;
  private static final int STATUS_TO = 599;
  private static final int PROBLEMS = ProblemCode.values().length;
  private static final int OUTCOMES = PROBLEMS + STATUS_TO - STATUS_FROM + 1;

  private final EdgeMeters meters;
  private final String route;
  private final Timer duration;
  private final AtomicReferenceArray<@Nullable Counter> counters =
      new AtomicReferenceArray<>(Method.values().length * OUTCOMES);

  RouteMeters(EdgeMeters meters, String route) {
    this.meters = meters;
    this.route = route;
    this.duration = meters.timer(EdgeMeter.REQUEST_DURATION, Tags.of("route", route));
  }

  /**
   * A request ended.
   *
   * @param status 499 when the client went away
   * @param problem what it was answered with, or null
   * @param nanos since its head arrived
   */
  public void completed(Method method, int status, @Nullable ProblemCode problem, long nanos) {
    int known = Math.clamp(status, STATUS_FROM, STATUS_TO);
    @Nullable ProblemCode told = problem != null && problem.status() == known ? problem : null;
    int outcome = told != null ? told.ordinal() : PROBLEMS + known - STATUS_FROM;
    int index = method.ordinal() * OUTCOMES + outcome;
    @Nullable Counter counter = counters.get(index);
    if (counter == null) {
      // Registering the same labels again answers the same counter: a race does no harm.
      counter = register(method, known, told != null ? told.code() : "none");
      counters.set(index, counter);
    }
    counter.increment();
    duration.record(nanos, TimeUnit.NANOSECONDS);
  }

  private Counter register(Method method, int status, String problem) {
    return meters.counter(
        EdgeMeter.REQUESTS,
        Tags.of(
            "route",
            route,
            "method",
            method.text(),
            "status",
            Integer.toString(status),
            "problem",
            problem));
  }
}
