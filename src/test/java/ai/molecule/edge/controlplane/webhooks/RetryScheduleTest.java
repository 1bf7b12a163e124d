package ai.molecule.edge.controlplane.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a delivery is tried again. */
class RetryScheduleTest {
  private static final Instant NOW = Instant.parse("2027-01-02T03:04:05Z");

  /** The table of the specification: "Time since start". */
  @Test
  void attemptsAreWhereTheSpecificationHasThem() {
    RetrySchedule schedule = new RetrySchedule(() -> 0.0);
    List<String> sinceStart = new ArrayList<>();
    Duration elapsed = Duration.ZERO;
    for (int tries = 1; tries <= 9; tries++) {
      elapsed = elapsed.plus(schedule.pauseAfter(tries, Duration.ZERO).orElseThrow());
      sinceStart.add(
          "%02d:%02d:%02d"
              .formatted(elapsed.toHours(), elapsed.toMinutesPart(), elapsed.toSecondsPart()));
    }
    assertThat(sinceStart)
        .containsExactly(
            "00:00:05",
            "00:05:05",
            "00:35:05",
            "02:35:05",
            "07:35:05",
            "17:35:05",
            "31:35:05",
            "51:35:05",
            "75:35:05");
    assertThat(schedule.pauseAfter(10, Duration.ZERO)).isEmpty();
    assertThat(schedule.pauseAfter(11, Duration.ofHours(1))).isEmpty();
  }

  @Test
  void chanceMakesAPauseLongerByUpToAFifth() {
    assertThat(new RetrySchedule(() -> 1.0).pauseAfter(2, Duration.ZERO))
        .contains(Duration.ofMinutes(6));
    assertThat(new RetrySchedule(() -> 0.5).pauseAfter(2, Duration.ZERO))
        .contains(Duration.ofSeconds(330));
  }

  @Test
  void aReceiverIsNotAskedSoonerThanItWantsButWithinADay() {
    RetrySchedule schedule = new RetrySchedule(() -> 0.0);
    assertThat(schedule.pauseAfter(1, Duration.ofMinutes(2))).contains(Duration.ofMinutes(2));
    assertThat(schedule.pauseAfter(4, Duration.ofMinutes(2))).contains(Duration.ofHours(2));
    assertThat(schedule.pauseAfter(1, Duration.ofDays(300))).contains(Duration.ofHours(24));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "120 | 120",
        " 7  | 7",
        "Sat, 02 Jan 2027 03:05:05 GMT | 60",
        "Sat, 02 Jan 2027 03:00:00 GMT | 0",
        "-5 | 0",
        "soon | 0",
        "99999999999 | 0",
      })
  void retryAfterIsSecondsOrADate(String header, long seconds) {
    assertThat(RetryAfter.parse(header, NOW)).isEqualTo(Duration.ofSeconds(seconds));
    assertThat(RetryAfter.parse(null, NOW)).isZero();
  }
}
