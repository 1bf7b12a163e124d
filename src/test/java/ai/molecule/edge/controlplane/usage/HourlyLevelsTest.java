package ai.molecule.edge.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HourlyLevelsTest {
  private static final Instant EIGHT = Instant.parse("2026-01-01T08:00:00Z");
  private static final long HOUR_MICROS = 3_600_000_000L;

  /** A change some time after the one before. */
  record Change(long afterMicros, int orgs, int seats, int workspaces) {}

  @Example
  void anHourIsTheAreaBelowItsLevels() {
    List<Level> levels =
        List.of(
            new Level(EIGHT.plus(Duration.ofMinutes(30)), 1, 5, 1),
            new Level(EIGHT.plus(Duration.ofMinutes(45)), 1, 7, 2),
            new Level(EIGHT.plus(Duration.ofMinutes(150)), 0, 0, 0));
    long minute = HOUR_MICROS / 60;
    assertThat(HourlyLevels.cut(levels, EIGHT, EIGHT.plus(Duration.ofHours(4))))
        .containsExactly(
            new HourUsage(
                EIGHT, 30 * minute, (15 * 5 + 15 * 7) * minute, (15 + 15 * 2) * minute, 0),
            new HourUsage(
                EIGHT.plus(Duration.ofHours(1)), HOUR_MICROS, 7 * HOUR_MICROS, 2 * HOUR_MICROS, 0),
            new HourUsage(
                EIGHT.plus(Duration.ofHours(2)), 30 * minute, 7 * 30 * minute, 60 * minute, 0),
            new HourUsage(EIGHT.plus(Duration.ofHours(3)), 0, 0, 0, 0));
  }

  @Example
  void theHourThatIsRunningEndsNow() {
    List<Level> levels = List.of(new Level(EIGHT.minusSeconds(7), 1, 2, 3));
    assertThat(HourlyLevels.cut(levels, EIGHT, EIGHT.plusSeconds(90)))
        .containsExactly(new HourUsage(EIGHT, 90_000_000, 180_000_000, 270_000_000, 0));
  }

  @Property(tries = 500)
  void everyStretchOfTimeIsTheAreaBelowItsLevelsToTheMicrosecond(
      @ForAll("changes") List<Change> changes) {
    List<Level> levels = new ArrayList<>();
    Instant at = EIGHT;
    for (Change change : changes) {
      at = at.plusNanos(change.afterMicros * 1_000);
      levels.add(new Level(at, change.orgs, change.seats, change.workspaces));
    }
    Instant end = HourlyLevels.ceiling(at.plus(Duration.ofHours(2)));
    List<HourUsage> hours = HourlyLevels.cut(levels, EIGHT, end);
    long orgs = 0;
    long seats = 0;
    long workspaces = 0;
    for (HourUsage hour : hours) {
      orgs += hour.orgMicros();
      seats += hour.seatMicros();
      workspaces += hour.workspaceMicros();
      Instant until = hour.hour().plus(HourlyLevels.HOUR);
      assertThat(orgs).isEqualTo(area(levels, until, Meter.ORG_HOURS));
      assertThat(seats).isEqualTo(area(levels, until, Meter.SEAT_HOURS));
      assertThat(workspaces).isEqualTo(area(levels, until, Meter.WORKSPACE_HOURS));
    }
    assertThat(hours).hasSize((int) Duration.between(EIGHT, end).toHours());
  }

  /** What was used up to {@code until}, level by level, with no notion of hours. */
  static long area(List<Level> levels, Instant until, Meter meter) {
    long area = 0;
    for (int i = 0; i < levels.size(); i++) {
      Level level = levels.get(i);
      Instant end = i + 1 < levels.size() ? levels.get(i + 1).at() : until;
      Instant shown = end.isBefore(until) ? end : until;
      long micros = Math.max(0, Duration.between(level.at(), shown).toNanos() / 1_000);
      area +=
          micros
              * switch (meter) {
                case ORG_HOURS -> level.orgs();
                case SEAT_HOURS -> level.seats();
                case WORKSPACE_HOURS -> level.workspaces();
                case API_CALLS -> 0;
              };
    }
    return area;
  }

  @Provide
  Arbitrary<List<Change>> changes() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 3 * HOUR_MICROS),
            Arbitraries.integers().between(0, 1),
            Arbitraries.integers().between(0, 100_000),
            Arbitraries.integers().between(0, 50))
        .as(Change::new)
        .list()
        .ofMaxSize(20);
  }

  @Example
  void timeIsShownInHoursWithNineDecimals() {
    assertThat(Meter.ORG_HOURS.quantity(HOUR_MICROS)).isEqualByComparingTo("1");
    assertThat(Meter.ORG_HOURS.quantity(HOUR_MICROS / 3)).isEqualByComparingTo("0.333333333");
    assertThat(Meter.ORG_HOURS.quantity(2)).isEqualByComparingTo("0.000000001");
    assertThat(Meter.ORG_HOURS.quantity(1)).isEqualByComparingTo("0");
    assertThat(Meter.API_CALLS.quantity(7)).isEqualByComparingTo("7");
  }

  @Example
  void aRangeIsTheHoursItTouchesAndWithoutEndsTheMonthUntilNow() {
    Instant now = Instant.parse("2026-03-17T10:20:00Z");
    assertThat(UsageRange.of(null, null, now))
        .isEqualTo(range("2026-03-01T00:00:00Z", "2026-03-17T11:00:00Z"));
    assertThat(UsageRange.of(null, null, Instant.parse("2026-03-01T00:00:00Z")))
        .isEqualTo(range("2026-03-01T00:00:00Z", "2026-03-01T01:00:00Z"));
    assertThat(UsageRange.of(null, Instant.parse("2026-03-01T00:00:00Z"), now))
        .as("a whole month before")
        .isEqualTo(range("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"));
    assertThat(
            UsageRange.of(
                Instant.parse("2026-03-02T08:59:59.999Z"),
                Instant.parse("2026-03-02T09:00:00.001Z"),
                now))
        .isEqualTo(range("2026-03-02T08:00:00Z", "2026-03-02T10:00:00Z"));
    assertThat(UsageRange.of(now, now, now).hasHours()).as("the hour it is in").isTrue();
    assertThat(UsageRange.of(EIGHT, EIGHT, now).hasHours()).isFalse();
  }

  private static UsageRange range(String from, String to) {
    return new UsageRange(Instant.parse(from), Instant.parse(to));
  }
}
