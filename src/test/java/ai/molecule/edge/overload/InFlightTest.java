package ai.molecule.edge.overload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class InFlightTest {
  private static final int MIN = 10;
  private static final int MAX = 100;

  private long nowNanos = Duration.ofHours(1).toNanos();
  private final InFlight adaptive = InFlight.adaptive(MIN, MAX, () -> nowNanos);

  /** As many begin as may; all of them take that long, one after the other ending. */
  private void round(Duration each) {
    int begun = 0;
    while (adaptive.tryBegin()) {
      begun++;
    }
    long beganNanos = nowNanos;
    nowNanos += each.toNanos();
    for (int i = 0; i < begun; i++) {
      adaptive.took(beganNanos);
    }
    for (int i = 0; i < begun; i++) {
      adaptive.end();
    }
  }

  private void rounds(int count, Duration each) {
    for (int i = 0; i < count; i++) {
      round(each);
      assertThat(adaptive.max()).isBetween(MIN, MAX);
    }
  }

  @Test
  void asManyBeginAsMayAndOneThatEndsMakesRoomForOne() {
    InFlight fixed = InFlight.fixed(2);
    assertThat(fixed.tryBegin()).isTrue();
    assertThat(fixed.isFull()).isFalse();
    assertThat(fixed.tryBegin()).isTrue();
    assertThat(fixed.isFull()).isTrue();
    assertThat(fixed.tryBegin()).isFalse();
    assertThat(fixed.underWay()).isEqualTo(2);
    fixed.end();
    assertThat(fixed.tryBegin()).isTrue();
    assertThat(fixed.tryBegin()).isFalse();
  }

  @Test
  void manyThreadsNeverHaveMoreUnderWayThanMay() throws InterruptedException {
    InFlight fixed = InFlight.fixed(3);
    int most = Contention.most(fixed::tryBegin, fixed::end);
    assertThat(most).isBetween(1, 3);
    assertThat(fixed.underWay()).isZero();
  }

  @Test
  void itFallsToItsLowestWhileThingsTakeLongerThanUsualAndRisesAgain() {
    rounds(50, Duration.ofMillis(200));
    assertThat(adaptive.max()).isEqualTo(MAX);

    rounds(40, Duration.ofSeconds(5));
    assertThat(adaptive.max()).isLessThanOrEqualTo(2 * MIN);

    rounds(300, Duration.ofMillis(200));
    assertThat(adaptive.max()).isEqualTo(MAX);
  }

  @Test
  void twiceAsLongAsUsualIsNoSign() {
    rounds(50, Duration.ofMillis(200));
    rounds(50, Duration.ofMillis(390));
    assertThat(adaptive.max()).isEqualTo(MAX);
  }

  @Test
  void aFewSlowOnesAmongManyAreNoSign() {
    rounds(50, Duration.ofMillis(200));
    for (int round = 0; round < 50; round++) {
      long began = nowNanos;
      for (int i = 0; i < MAX; i++) {
        assertThat(adaptive.tryBegin()).isTrue();
      }
      nowNanos += Duration.ofMillis(200).toNanos();
      for (int i = 0; i < MAX; i++) {
        adaptive.took(i % 3 == 0 ? began - Duration.ofSeconds(9).toNanos() : began);
      }
      for (int i = 0; i < MAX; i++) {
        adaptive.end();
      }
    }
    assertThat(adaptive.max()).isEqualTo(MAX);
  }

  @Test
  void whatIsSlowWhileThereIsRoomEnoughChangesNothing() {
    rounds(50, Duration.ofMillis(200));
    for (int i = 0; i < 500; i++) {
      assertThat(adaptive.tryBegin()).isTrue();
      long began = nowNanos;
      nowNanos += Duration.ofSeconds(5).toNanos();
      adaptive.took(began);
      adaptive.end();
    }
    assertThat(adaptive.max()).isEqualTo(MAX);
  }
}
