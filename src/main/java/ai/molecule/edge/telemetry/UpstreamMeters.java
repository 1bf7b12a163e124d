package ai.molecule.edge.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** What became of the requests of one route at the services behind it. Safe on any thread. */
public final class UpstreamMeters {
  private final Counter[] outcomes;
  private final Timer duration;

  UpstreamMeters(EdgeMeters meters, String route) {
    LabelValue.Upstream[] values = LabelValue.Upstream.values();
    this.outcomes = new Counter[values.length];
    for (LabelValue.Upstream value : values) {
      outcomes[value.ordinal()] =
          meters.counter(
              EdgeMeter.UPSTREAM_REQUESTS, Tags.of("route", route, "upstream", value.text()));
    }
    this.duration = meters.timer(EdgeMeter.UPSTREAM_DURATION, Tags.of("route", route));
  }

  /** The head of an answer came, that long after the request had been admitted. */
  public void answered(long nanos) {
    duration.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** An attempt ended so. */
  public void ended(LabelValue.Upstream outcome) {
    outcomes[outcome.ordinal()].increment();
  }
}
