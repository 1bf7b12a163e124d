package ai.molecule.edge.controlplane.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whole hours to be shown, UTC.
 *
 * @param from the first hour
 * @param to the hour after the last one; after {@code from}
 */
public record UsageRange(Instant from, Instant to) {

  /**
   * The hours that {@code from} to {@code to} touches. Without {@code to} up to the hour that is
   * running, without {@code from} from the beginning of the month that the range ends in.
   *
   * @return the range; empty or turned round when nothing lies between the two
   */
  public static UsageRange of(@Nullable Instant from, @Nullable Instant to, Instant now) {
    Instant end = HourlyLevels.ceiling(to == null ? now.plusNanos(1) : to);
    Instant begin =
        from == null
            ? end.minus(HourlyLevels.HOUR)
                .atOffset(ZoneOffset.UTC)
                .withDayOfMonth(1)
                .truncatedTo(ChronoUnit.DAYS)
                .toInstant()
            : HourlyLevels.floor(from);
    return new UsageRange(begin, end);
  }

  /** Whether there is an hour in it. */
  public boolean hasHours() {
    return from.isBefore(to);
  }

  /** How long it is. */
  public Duration length() {
    return Duration.between(from, to);
  }
}
