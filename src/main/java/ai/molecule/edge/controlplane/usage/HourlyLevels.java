package ai.molecule.edge.controlplane.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of an org there was over time, cut into hours: what an hour uses is the area below the
 * levels within it. In whole microseconds, so that the hours of any stretch of time add up to that
 * stretch exactly. Stateless.
 */
final class HourlyLevels {
  static final Duration HOUR = Duration.ofHours(1);

  private HourlyLevels() {}

  /** When the hour of {@code at} begins, UTC. */
  static Instant floor(Instant at) {
    return at.truncatedTo(ChronoUnit.HOURS);
  }

  /** When the first whole hour begins that is not before {@code at}. */
  static Instant ceiling(Instant at) {
    Instant floor = floor(at);
    return floor.equals(at) ? at : floor.plus(HOUR);
  }

  /**
   * The hours from {@code from} up to {@code until}, without calls; of the last one the part before
   * {@code until}.
   *
   * @param levels in the order of their time; the one in force at {@code from} first, if any
   * @param from a whole hour
   */
  static List<HourUsage> cut(List<Level> levels, Instant from, Instant until) {
    List<HourUsage> hours = new ArrayList<>();
    int next = 0;
    Level current = new Level(from, 0, 0, 0);
    for (Instant hour = from; hour.isBefore(until); hour = hour.plus(HOUR)) {
      Instant end = earlier(hour.plus(HOUR), until);
      HourUsage used = new HourUsage(hour, 0, 0, 0, 0);
      Instant since = hour;
      while (next < levels.size() && levels.get(next).at().isBefore(end)) {
        Level level = levels.get(next++);
        Instant at = level.at().isBefore(hour) ? hour : level.at();
        used = plus(used, current, since, at);
        since = at;
        current = level;
      }
      hours.add(plus(used, current, since, end));
    }
    return hours;
  }

  private static HourUsage plus(HourUsage used, Level level, Instant since, Instant until) {
    long micros = since.until(until, ChronoUnit.MICROS);
    return new HourUsage(
        used.hour(),
        used.orgMicros() + level.orgs() * micros,
        used.seatMicros() + level.seats() * micros,
        used.workspaceMicros() + level.workspaces() * micros,
        used.apiCalls());
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
