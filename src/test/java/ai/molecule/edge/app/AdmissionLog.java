package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Checks a limit against what clients noted. A request is admitted at some moment between its being
 * sent and its answer; so whatever was sent after A and answered before B was admitted within [A,
 * B], and of that there may be burst + rate·(B − A). No clock of a server is asked.
 */
final class AdmissionLog {
  private static final double NANOS_A_MINUTE = 60e9;

  private final List<Load.Sample> admitted;
  private final double tokensANano;
  private final long burst;

  AdmissionLog(List<Load.Sample> samples, int ratePerMinute, int burst) {
    this.admitted =
        samples.stream()
            .filter(Load.Sample::admitted)
            .sorted(Comparator.comparingLong(Load.Sample::answeredNanos))
            .toList();
    this.tokensANano = ratePerMinute / NANOS_A_MINUTE;
    this.burst = burst;
  }

  /** Requests admitted. */
  int count() {
    return admitted.size();
  }

  /** By how much the worst of all intervals is over its limit; not above 0 when all hold. */
  double excess() {
    long[] starts = admitted.stream().mapToLong(Load.Sample::sentNanos).sorted().toArray();
    double worst = Double.NEGATIVE_INFINITY;
    for (long start : starts) {
      int within = 0;
      for (Load.Sample sample : admitted) {
        if (sample.sentNanos() >= start) {
          within++;
          double allowed = burst + (sample.answeredNanos() - start) * tokensANano;
          worst = Math.max(worst, within - allowed);
        }
      }
    }
    return worst;
  }

  /** Admitted, as a share of all that the limit gave out while it was asked for. */
  double share() {
    long[] answered = admitted.stream().mapToLong(Load.Sample::answeredNanos).toArray();
    long elapsed = answered[answered.length - 1] - answered[0];
    return admitted.size() / (burst + elapsed * tokensANano);
  }

  /** Fails unless every interval holds. */
  void assertWithinLimit() {
    assertThat(excess()).as("tokens beyond burst + rate·Δ in the worst interval").isNotPositive();
  }

  @Override
  public String toString() {
    return "AdmissionLog[" + Arrays.asList(count(), excess(), share()) + "]";
  }
}
