package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.ratelimit.Decision.Outcome;
import ai.molecule.edge.ratelimit.Decision.Source;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.ratelimit.LocalBuckets;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a node that is the only one gives out while Redis is away. */
final class OutageTierTest {
  private static final Limit LIMIT = new Limit(60, 20);
  private static final String SERVER = "";

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 7);
  private final KeyRecord key = KeyRecords.active(new KeyHash(1, 2, 3, 4), LIMIT);
  private final OutageTier outage =
      new OutageTier(
          hash -> Future.failedFuture("nobody is asked"),
          new LocalBuckets(10, nanos::get),
          () -> 1,
          nanos::get,
          tier -> {});

  private void sees(long remaining, long redisMicros) {
    nanos.addAndGet(1_000);
    outage.sawBucket(
        key.root(),
        SERVER,
        new Decision(Outcome.ADMITTED, LIMIT, remaining, 0, 0, Source.SHARED),
        redisMicros);
  }

  private int givesOut() {
    Ask ask = new Ask(ScopeSet.NONE, 1, () -> "192.0.2.1");
    int given = 0;
    while (outage.decide(key, ask, SERVER) instanceof Admission.Decided decided
        && decided.decision().outcome() == Outcome.ADMITTED) {
      given++;
    }
    return given;
  }

  @Test
  void itGoesOnFromTheLastAnswer() {
    sees(9, 1_000_000);
    sees(7, 1_000_010);
    assertThat(givesOut()).isEqualTo(7);
  }

  @Test
  void anAnswerThatWasOvertakenTellsOfTokensThatAreGone() {
    sees(7, 1_000_010);
    sees(9, 1_000_000);
    assertThat(givesOut()).isEqualTo(7);
  }

  @Test
  void ofAnswersOfOneMomentTheLeastCounts() {
    sees(7, 1_000_000);
    sees(8, 1_000_000);
    assertThat(givesOut()).isEqualTo(7);
  }

  @Test
  void anAnswerThatComesDuringTheOutageGivesNothingOutASecondTime() {
    sees(7, 1_000_000);
    assertThat(givesOut()).isEqualTo(7);
    sees(6, 1_000_010);
    assertThat(givesOut()).isZero();
  }

  @Test
  void aClockThatWentFarBackIsAnotherClock() {
    sees(7, 10_000_000);
    sees(9, 1_000_000);
    assertThat(givesOut()).isEqualTo(9);
  }
}
