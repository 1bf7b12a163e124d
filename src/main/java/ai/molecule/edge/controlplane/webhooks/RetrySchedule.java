package ai.molecule.edge.controlplane.webhooks;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * When a failed delivery is tried again: the schedule that Standard Webhooks 1.0.0 gives as its
 * example, ten attempts over a little more than three days, each pause longer by up to a fifth at
 * random. A receiver that says {@code Retry-After} is not asked sooner. Pure but for {@code
 * random}.
 *
 * @param random from 0 to below 1
 */
public record RetrySchedule(DoubleSupplier random) {
  /** The pauses after the first attempt, after the second, and so on. */
  static final List<Duration> PAUSES =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          Duration.ofHours(5),
          Duration.ofHours(10),
          Duration.ofHours(14),
          Duration.ofHours(20),
          Duration.ofHours(24));

  private static final double JITTER_MAX = 0.2;
  private static final Duration RETRY_AFTER_MAX = Duration.ofHours(24);

  /**
   * The pause after an attempt that failed; empty when it was the last.
   *
   * @param tries attempts made, this one included
   * @param retryAfter what the receiver asked for, zero when it did not
   */
  public Optional<Duration> pauseAfter(int tries, Duration retryAfter) {
    if (tries > PAUSES.size()) {
      return Optional.empty();
    }
    long scheduled = PAUSES.get(tries - 1).toMillis();
    long asked = Math.min(retryAfter.toMillis(), RETRY_AFTER_MAX.toMillis());
    double stretched = Math.max(scheduled, asked) * (1 + JITTER_MAX * random.getAsDouble());
    return Optional.of(Duration.ofMillis(Math.round(stretched)));
  }
}
