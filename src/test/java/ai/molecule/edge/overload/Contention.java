package ai.molecule.edge.overload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Eight threads that begin and end things as fast as they can. */
final class Contention {
  private static final int THREADS = 8;
  private static final int ROUNDS = 50_000;

  private Contention() {}

  /** How many were under way at the most. */
  static int most(BooleanSupplier tryBegin, Runnable end) throws InterruptedException {
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(THREADS);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (int thread = 0; thread < THREADS; thread++) {
        threads.submit(
            () -> {
              for (int i = 0; i < ROUNDS; i++) {
                if (tryBegin.getAsBoolean()) {
                  most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                  // Held while others try.
                  Thread.yield();
                  underWay.decrementAndGet();
                  end.run();
                }
              }
              done.countDown();
            });
      }
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    }
    return most.get();
  }
}
