package ai.molecule.edge.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random lives of orgs against a second, simpler model: it keeps a list of levels and of calls, and
 * knows nothing of triggers, accounts or closing. However often hours are closed on the way, every
 * hour is what the model says, and shown is the same before it is closed and after.
 */
class UsageHistoryTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T08:00:00Z");
  private static final int STEPS = 25;

  @AutoClose private static MeteredOrgs orgs;

  @BeforeAll
  static void start() {
    orgs = new MeteredOrgs(BEGIN);
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 12);
  }

  /** What the model remembers. */
  private static final class Model {
    final List<Level> levels = new ArrayList<>();
    final TreeMap<Instant, Long> calls = new TreeMap<>();
    int seats;
    int workspaces;
    boolean metered;
    boolean ended;

    void level(Instant at) {
      levels.add(new Level(at, metered ? 1 : 0, metered ? seats : 0, metered ? workspaces : 0));
    }

    /** The hours that used anything, up to {@code until}. */
    List<HourUsage> hours(Instant until) {
      List<HourUsage> hours = new ArrayList<>();
      for (Instant hour = BEGIN; hour.isBefore(until); hour = hour.plus(HourlyLevels.HOUR)) {
        Instant end = hour.plus(HourlyLevels.HOUR);
        Instant shown = end.isBefore(until) ? end : until;
        HourUsage used =
            new HourUsage(
                hour,
                within(hour, shown, Meter.ORG_HOURS),
                within(hour, shown, Meter.SEAT_HOURS),
                within(hour, shown, Meter.WORKSPACE_HOURS),
                calls.getOrDefault(hour, 0L));
        if (!used.isNothing()) {
          hours.add(used);
        }
      }
      return hours;
    }

    private long within(Instant from, Instant to, Meter meter) {
      return HourlyLevelsTest.area(levels, to, meter) - HourlyLevelsTest.area(levels, from, meter);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyHourIsWhatHappenedInItAndClosingChangesNothing(long seed) {
    Random random = new Random(seed);
    orgs.at(BEGIN);
    Model model = new Model();
    model.seats = 1 + random.nextInt(10);
    UUID org = orgs.created(model.seats);
    for (int step = 0; step < STEPS; step++) {
      long micros = 1 + (long) (random.nextDouble() * random.nextDouble() * 7_200_000_000L);
      orgs.pass(Duration.ofNanos(micros * 1_000));
      happen(random, org, model);
      if (random.nextInt(3) == 0) {
        orgs.closeAll();
      }
      assertThat(shown(org)).as("step %d", step).isEqualTo(model.hours(orgs.now()));
    }
    if (!model.ended) {
      orgs.pass(Duration.ofMinutes(7));
      end(org, model);
    }
    Instant ended = model.levels.getLast().at();
    orgs.pass(Duration.ofHours(2));
    orgs.closeAll();
    assertThat(orgs.closed(org)).isEqualTo(model.hours(orgs.now()));
    assertThat(orgs.isSettled(org)).isTrue();
    for (Meter meter : List.of(Meter.ORG_HOURS, Meter.SEAT_HOURS, Meter.WORKSPACE_HOURS)) {
      assertThat(orgs.closed(org).stream().mapToLong(hour -> hour.counted(meter)).sum())
          .as("%s to the microsecond", meter)
          .isEqualTo(HourlyLevelsTest.area(model.levels, ended, meter));
    }
  }

  private static List<HourUsage> shown(UUID org) {
    return orgs.shown(org, BEGIN, orgs.now());
  }

  private static void happen(Random random, UUID org, Model model) {
    if (model.ended) {
      return;
    }
    switch (random.nextInt(10)) {
      case 0, 1 -> {
        if (!model.metered) {
          orgs.ready(org);
          model.metered = true;
          model.level(orgs.now());
        }
      }
      case 2, 3 -> {
        model.seats = 1 + random.nextInt(100);
        orgs.seats(org, model.seats);
        model.level(orgs.now());
      }
      case 4, 5 -> {
        int count = 1 + random.nextInt(3);
        orgs.addWorkspaces(org, count);
        model.workspaces += count;
        model.level(orgs.now());
      }
      case 6 -> {
        int count = Math.min(model.workspaces, random.nextInt(3));
        orgs.removeWorkspaces(org, count);
        model.workspaces -= count;
        model.level(orgs.now());
      }
      case 7 -> {
        if (model.metered) {
          orgs.status(org, random.nextBoolean() ? "suspended" : "running");
        }
      }
      case 8 -> {
        int calls = 1 + random.nextInt(1_000);
        orgs.calls(org, calls);
        model.calls.merge(HourlyLevels.floor(orgs.now()), (long) calls, Long::sum);
      }
      default -> {
        if (random.nextInt(4) == 0) {
          end(org, model);
        }
      }
    }
  }

  private static void end(UUID org, Model model) {
    orgs.end(org);
    model.metered = false;
    model.ended = true;
    model.level(orgs.now());
    // What the teardown removes afterwards is nobody's usage.
    orgs.removeWorkspaces(org, 1_000);
  }
}
