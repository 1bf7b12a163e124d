package ai.molecule.edge.overload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SharesTest {
  @Test
  void oneWhoHasHisShareLeavesTheOthersTheirs() {
    Shares shares = new Shares(2);
    assertThat(shares.tryBegin("acme")).isTrue();
    assertThat(shares.tryBegin("acme")).isTrue();
    assertThat(shares.tryBegin("acme")).isFalse();
    assertThat(shares.tryBegin("globex")).isTrue();
    assertThat(shares.underWay()).isEqualTo(3);
    shares.end("acme");
    assertThat(shares.tryBegin("acme")).isTrue();
    assertThat(shares.tryBegin("acme")).isFalse();
  }

  @Test
  void manyThreadsNeverHaveMoreThanTheirShareAndLeaveNothingBehind() throws InterruptedException {
    Shares shares = new Shares(3);
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(8);
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int t = 0; t < 8; t++) {
        threads.submit(
            () -> {
              for (int i = 0; i < 50_000; i++) {
                if (shares.tryBegin("acme")) {
                  most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                  // Held while others try.
                  Thread.yield();
                  underWay.decrementAndGet();
                  shares.end("acme");
                }
              }
              done.countDown();
            });
      }
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(most.get()).isBetween(1, 3);
    assertThat(shares.underWay()).isZero();
  }
}
