package ai.molecule.edge.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.redis.CircuitBreaker.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private long nowNanos = Long.MAX_VALUE - 10;
  private final CircuitBreaker breaker =
      new CircuitBreaker(3, Duration.ofNanos(100), () -> nowNanos);

  @Test
  void failuresOpenItOnlyInARow() {
    fail();
    fail();
    assertThat(breaker.tryPass()).isTrue();
    breaker.succeeded();
    fail();
    fail();
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    fail();
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.tryPass()).isFalse();
  }

  @Test
  void oneProbeAtATimePassesOnceTheTimeIsOver() {
    breaker.trip();
    // The clock wraps around in between: only differences count.
    nowNanos += 99;
    assertThat(breaker.tryPass()).isFalse();
    nowNanos += 1;
    assertThat(breaker.tryPass()).isTrue();
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    assertThat(breaker.tryPass()).isFalse();
  }

  @Test
  void aProbesOutcomeDecides() {
    breaker.trip();
    nowNanos += 100;
    fail();
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.tryPass()).isFalse();
    nowNanos += 100;
    assertThat(breaker.tryPass()).isTrue();
    breaker.succeeded();
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    assertThat(breaker.tryPass()).isTrue();
    assertThat(breaker.tryPass()).isTrue();
  }

  @Test
  void anAnswerFromBeforeItOpenedDoesNotCloseIt() {
    breaker.trip();
    breaker.succeeded();
    breaker.failed();
    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  @Test
  void itsTransitionsAreTold() {
    List<String> told = new ArrayList<>();
    breaker.onTransition((from, to) -> told.add(from + ">" + to));
    breaker.trip();
    breaker.trip();
    nowNanos += 100;
    assertThat(breaker.tryPass()).isTrue();
    breaker.reset();
    assertThat(told).containsExactly("CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>CLOSED");
  }

  private void fail() {
    assertThat(breaker.tryPass()).isTrue();
    breaker.failed();
  }
}
