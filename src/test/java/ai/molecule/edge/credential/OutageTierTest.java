package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.Decision.Outcome;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.ratelimit.LocalBuckets;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a node gives out while Redis is away. */
final class OutageTierTest {
  /** A token a second. */
  private static final Limit LIMIT = new Limit(60, 20);

  private static final long SECOND = 1_000_000_000;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 7);
  private final KeyRecord key = KeyRecords.active(new KeyHash(1, 2, 3, 4), LIMIT);
  private final AskedBuckets buckets = new AskedBuckets();
  private int nodes = 1;
  private final OutageTier outage =
      new OutageTier(
          hash -> Future.failedFuture("nobody is asked"),
          new LocalBuckets(10, nanos::get),
          () -> nodes,
          nanos::get,
          tier -> {});

  private static AdmitReply reply(long remaining, long redisMicros) {
    return new AdmitReply(
        AdmitReply.Status.ADMITTED, 1, remaining, 0, 1, 0, 0, null, 0, redisMicros, true);
  }

  private void sees(long remaining, long redisMicros) {
    nanos.addAndGet(1_000);
    outage.sawReply(key.root(), buckets.server, reply(remaining, redisMicros));
  }

  private int givesOut() {
    Ask ask = new Ask(ScopeSet.NONE, 1, () -> "192.0.2.1");
    int given = 0;
    while (outage.decide(key, ask, buckets) instanceof Admission.Decided decided
        && decided.decision().outcome() == Outcome.ADMITTED) {
      given++;
    }
    return given;
  }

  /** Misses Redis every so often for that long; answers what was given out meanwhile. */
  private int givesOut(long forNanos, long everyNanos) {
    int given = givesOut();
    for (long passed = 0; passed < forNanos; passed += everyNanos) {
      nanos.addAndGet(everyNanos);
      given += givesOut();
    }
    return given;
  }

  /** Redis answers one event loop, which tells it what this node gave out. */
  private void settles(String server) {
    OutageTier.Settlement settlement = outage.settlement(key.root());
    outage.settled(key.root(), server, settlement, reply(0, 0));
  }

  @Nested
  class Alone {
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

    @Test
    void anotherServersClockIsAnotherClock() {
      sees(7, 1_000_010);
      buckets.server = "promoted";
      sees(9, 1_000_000);
      assertThat(givesOut()).isEqualTo(9);
    }
  }

  @Nested
  class BesideOthers {
    @BeforeEach
    void two() {
      nodes = 2;
      sees(20, 1_000_000);
    }

    @Test
    void itGivesOutItsShareAfterASecondWithoutAnAnswer() {
      assertThat(givesOut(SECOND, SECOND / 10)).isZero();
      assertThat(givesOut(4 * SECOND, SECOND / 10)).as("half a token a second").isEqualTo(2);
    }

    @Test
    void anAnswerToAnyEventLoopBeginsTheSecondAnew() {
      assertThat(givesOut(SECOND, SECOND / 10)).isZero();
      sees(20, 3_000_000);
      assertThat(givesOut(SECOND, SECOND / 10)).isZero();
    }

    @Test
    void toHaveAskedNothingForLongIsNotToHaveHadNoAnswer() {
      nanos.addAndGet(100 * SECOND);
      assertThat(givesOut()).isZero();
      assertThat(givesOut(SECOND, SECOND / 10)).isZero();
    }

    @Test
    void answersMissedNowAndThenAreNoOutage() {
      assertThat(givesOut(100 * SECOND, SECOND)).isZero();
    }

    @Test
    void whoHasNoConnectionIsCertainThoughItIsSeldomAsked() {
      nanos.addAndGet(5 * SECOND);
      buckets.awayNanos = 5 * SECOND;
      assertThat(givesOut()).as("four seconds after the first").isEqualTo(2);
    }

    @Test
    void whoseLoopsAskDifferentServersGivesNothingOutWhileOneOfThemAnswers() {
      assertThat(givesOut(41 * SECOND, SECOND / 10)).isEqualTo(20);
      settles("promoted");
      assertThat(givesOut()).as("of the loop that misses the old one").isZero();
      assertThat(givesOut(SECOND, SECOND / 10)).isZero();
    }

    @Test
    void aServerMissedForLongerGivesNothingOutASecondTime() {
      assertThat(givesOut(41 * SECOND, SECOND / 10)).isEqualTo(20);
      buckets.server = "another";
      assertThat(givesOut(SECOND, SECOND / 10)).isZero();
      buckets.server = "";
      assertThat(givesOut()).isZero();
    }
  }
}
