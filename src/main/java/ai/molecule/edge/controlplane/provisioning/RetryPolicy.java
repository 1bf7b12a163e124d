package ai.molecule.edge.controlplane.provisioning;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How often and when a step is tried again: pauses that double up to a longest one, each shortened
 * at random so that many orgs do not come back together.
 *
 * @param attemptsMax tries of a step that brings an org up; what takes one down is tried for ever
 * @param pauseMin before the second try
 * @param pauseMax the longest pause
 * @param random from 0 to below 1
 */
public record RetryPolicy(
    int attemptsMax, Duration pauseMin, Duration pauseMax, DoubleSupplier random) {
  /** The shortest part of a pause that jitter leaves. */
  private static final double JITTER_MIN = 0.5;

  /** The pause after that many failed tries, at least one. */
  Duration pauseAfter(int attempts) {
    int doublings = Math.min(Math.max(attempts, 1) - 1, 20);
    double full =
        Math.min((double) pauseMax.toMillis(), pauseMin.toMillis() * Math.pow(2, doublings));
    return Duration.ofMillis(
        Math.round(full * (JITTER_MIN + (1 - JITTER_MIN) * random.getAsDouble())));
  }
}
