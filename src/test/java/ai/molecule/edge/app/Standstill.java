package ai.molecule.edge.app;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Waits until something that has begun to move has come to stand still. */
final class Standstill {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final int LOOKS = 3;

  private Standstill() {}

  /** Waits until {@code moved} is above 0 and the same at three looks in a row; answers it. */
  static long of(LongSupplier moved) {
    AtomicLong last = new AtomicLong(-1);
    AtomicInteger same = new AtomicInteger();
    await()
        .atMost(PATIENCE)
        .pollInterval(BETWEEN_LOOKS)
        .until(
            () -> {
              long now = moved.getAsLong();
              same.set(now > 0 && now == last.getAndSet(now) ? same.get() + 1 : 0);
              return same.get() >= LOOKS;
            });
    return last.get();
  }
}
