package ai.molecule.edge.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.Decision.Outcome;
import ai.molecule.edge.ratelimit.LocalBuckets.Share;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LocalBucketsTest {
  private static final Limit LIMIT = new Limit(60, 9);

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final LocalBuckets buckets = new LocalBuckets(2, nanos::get);
  private final long start = nanos.get();

  @Test
  void aShareBeginsEmptyAndRefillsFromTheOutagesStart() {
    Share third = new Share(3, 0, start);
    assertThat(take("a", third)).isEqualTo(Outcome.LIMITED);
    pass(2_999);
    Decision early = buckets.take("a", LIMIT, 1, () -> third);
    assertThat(early.outcome()).isEqualTo(Outcome.LIMITED);
    assertThat(early.retryAfterMillis()).isEqualTo(1);
    assertThat(early.source()).isEqualTo(Decision.Source.LOCAL);
    pass(1);
    assertThat(take("a", third)).isEqualTo(Outcome.ADMITTED);
    assertThat(take("a", third)).isEqualTo(Outcome.LIMITED);
    pass(100_000);
    assertThat(drain("a", third)).as("a third of the burst").isEqualTo(3);
    // One first asked for late is as full as one asked for from the start.
    assertThat(drain("b", third)).isEqualTo(3);
  }

  @Test
  void aLoneNodeGoesOnFromWhatItKnows() {
    assertThat(drain("a", new Share(1, 4, start))).isEqualTo(4);
    assertThat(drain("b", new Share(1, 400, start))).isEqualTo(9);
  }

  @Test
  void aShareIsAtLeastOneToken() {
    Share twentieth = new Share(20, 0, start);
    pass(1_000_000);
    assertThat(drain("a", twentieth)).isEqualTo(1);
  }

  @Test
  void whatWasGivenOutIsOwedOnce() {
    Share alone = new Share(1, 9, start);
    assertThat(buckets.take("a", LIMIT, 2, () -> alone).remaining()).isEqualTo(7);
    assertThat(buckets.take("a", LIMIT, 3, () -> alone).remaining()).isEqualTo(4);
    assertThat(buckets.take("a", LIMIT, 5, () -> alone).outcome()).isEqualTo(Outcome.LIMITED);
    assertThat(buckets.take("a", LIMIT, 0, () -> alone).outcome()).isEqualTo(Outcome.PEEKED);
    assertThat(buckets.takeSpent("a")).isEqualTo(5);
    assertThat(buckets.takeSpent("a")).isZero();
  }

  @Test
  void anotherOutageBeginsAnewAndOldDebtStays() {
    assertThat(drain("a", new Share(1, 9, start))).isEqualTo(9);
    pass(60_000);
    Share second = new Share(3, 0, nanos.get());
    assertThat(take("a", second)).isEqualTo(Outcome.LIMITED);
    pass(3_000);
    assertThat(take("a", second)).isEqualTo(Outcome.ADMITTED);
    assertThat(buckets.takeSpent("a")).isEqualTo(10);
  }

  @Test
  void anOutageThatIsSaidToHaveBegunEarlierGivesNothingOutASecondTime() {
    pass(18_000);
    assertThat(drain("a", new Share(3, 0, start + 1))).isEqualTo(3);
    assertThat(drain("a", new Share(3, 0, start))).isZero();
  }

  @Test
  void aLateAnswerDoesNotGiveOutASecondTimeWhatHasBeenGivenOut() {
    assertThat(drain("a", new Share(1, 4, start))).isEqualTo(4);
    pass(10);
    // An answer that was on its way: one more was spent there, and nothing is known of the four.
    Share later = new Share(1, 3, nanos.get());
    assertThat(take("a", later)).isEqualTo(Outcome.LIMITED);
    pass(1_999);
    assertThat(take("a", later)).isEqualTo(Outcome.LIMITED);
    pass(1);
    assertThat(take("a", later)).isEqualTo(Outcome.ADMITTED);
    assertThat(take("a", later)).isEqualTo(Outcome.LIMITED);
  }

  @Test
  void aLoweredBurstAppliesAtOnce() {
    Share alone = new Share(1, 9, start);
    assertThat(take("a", alone)).isEqualTo(Outcome.ADMITTED);
    Decision lowered = buckets.take("a", new Limit(60, 2), 1, () -> alone);
    assertThat(lowered.remaining()).isEqualTo(1);
  }

  @Test
  void withoutRoomNobodyPassesUncounted() {
    Share alone = new Share(1, 9, start);
    take("a", alone);
    take("b", alone);
    assertThat(take("c", alone)).isEqualTo(Outcome.LIMITED);
    assertThat(buckets.size()).isEqualTo(2);
    pass(1_000);
    assertThat(take("c", alone)).as("full ones make room").isEqualTo(Outcome.ADMITTED);
    assertThat(buckets.size()).isLessThanOrEqualTo(2);
  }

  @Test
  void manyThreadsGetTheShareAndNoMore() {
    Limit limit = new Limit(1, 1_000);
    Share alone = new Share(1, 1_000, start);
    long admitted =
        IntStream.range(0, 5_000)
            .parallel()
            .filter(i -> buckets.take("a", limit, 1, () -> alone).outcome() == Outcome.ADMITTED)
            .count();
    assertThat(admitted).isEqualTo(1_000);
    assertThat(buckets.takeSpent("a")).isEqualTo(1_000);
  }

  private Outcome take(String root, Share share) {
    return buckets.take(root, LIMIT, 1, () -> share).outcome();
  }

  private int drain(String root, Share share) {
    int admitted = 0;
    while (take(root, share) == Outcome.ADMITTED) {
      admitted++;
    }
    return admitted;
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
