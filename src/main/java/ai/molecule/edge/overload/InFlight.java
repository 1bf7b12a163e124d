package ai.molecule.edge.overload;

import com.netflix.concurrency.limits.Limit;
import com.netflix.concurrency.limits.limit.FixedLimit;
import com.netflix.concurrency.limits.limit.Gradient2Limit;
import com.netflix.concurrency.limits.limit.WindowedLimit;
import com.netflix.concurrency.limits.limit.window.PercentileSampleWindowFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Counts what is under way of one kind, and refuses what would be too much. Safe on any thread;
 * nothing waits.
 *
 * <p>Invariant: at no time is more under way than the bound was when the last of it began, and the
 * bound is always from the lowest to the highest. Each {@link #tryBegin} that answers true is
 * followed by one {@link #end}.
 *
 * <p>An adaptive bound falls while things take much longer than they did over the last minutes, and
 * rises again when they do not (the gradient of Netflix' concurrency-limits, over the median of a
 * short window, so that a few slow ones among many say nothing). It moves only while at least half
 * of it is used: an idle node learns nothing.
 */
public final class InFlight {
  private static final long WINDOW_MIN_MILLIS = 100;
  private static final long WINDOW_MAX_MILLIS = 1_000;
  private static final int WINDOW_SAMPLES_MIN = 10;
  private static final int WINDOW_SAMPLES_MAX = 500;
  private static final double MEDIAN = 0.5;

  /** How many times as long as usual is still no sign of a queue. */
  private static final double TOLERANCE = 2;

  /** How much of what a window says is done at once: a fifth down or a twentieth up at most. */
  private static final double SMOOTHING = 0.5;

  private static final int STEPS = 10;
  private static final int STEP_MIN = 4;

  private final Limit limit;
  private final LongSupplier nanoClock;
  private final long originNanos;
  private final AtomicInteger underWay = new AtomicInteger();

  private InFlight(Limit limit, LongSupplier nanoClock) {
    this.limit = limit;
    this.nanoClock = nanoClock;
    this.originNanos = nanoClock.getAsLong();
  }

  /** A bound that stays. */
  public static InFlight fixed(int max) {
    return new InFlight(FixedLimit.of(max), System::nanoTime);
  }

  /** A bound that begins at {@code max} and never falls below {@code min}. */
  public static InFlight adaptive(int min, int max) {
    return adaptive(min, max, System::nanoTime);
  }

  static InFlight adaptive(int min, int max, LongSupplier nanoClock) {
    Limit gradient =
        Gradient2Limit.newBuilder()
            .initialLimit(max)
            .minLimit(Math.min(min, max))
            .maxConcurrency(max)
            .rttTolerance(TOLERANCE)
            .smoothing(SMOOTHING)
            .queueSizeFunction(bound -> Math.max(STEP_MIN, bound / STEPS))
            .build();
    return new InFlight(
        WindowedLimit.newBuilder()
            .minWindowTime(WINDOW_MIN_MILLIS, TimeUnit.MILLISECONDS)
            .maxWindowTime(WINDOW_MAX_MILLIS, TimeUnit.MILLISECONDS)
            .windowSize(WINDOW_SAMPLES_MIN)
            .sampleWindowFactory(PercentileSampleWindowFactory.of(MEDIAN, WINDOW_SAMPLES_MAX))
            .build(gradient),
        nanoClock);
  }

  /** Begins one more, if there is room. */
  public boolean tryBegin() {
    int max = limit.getLimit();
    int now = underWay.get();
    while (now < max) {
      if (underWay.compareAndSet(now, now + 1)) {
        return true;
      }
      now = underWay.get();
    }
    return false;
  }

  /** Whether there is no room now. */
  public boolean isFull() {
    return underWay.get() >= limit.getLimit();
  }

  /** One that is under way, begun at that {@link System#nanoTime}, has shown how long it takes. */
  public void took(long beganNanos) {
    took(beganNanos, nanoClock.getAsLong());
  }

  /** The same, where the time is known. */
  public void took(long beganNanos, long nowNanos) {
    limit.onSample(
        beganNanos - originNanos, Math.max(1, nowNanos - beganNanos), underWay.get(), false);
  }

  /** One that had begun is over. */
  public void end() {
    underWay.decrementAndGet();
  }

  /** How many are under way. */
  public int underWay() {
    return underWay.get();
  }

  /** How many may be under way now. */
  public int max() {
    return limit.getLimit();
  }
}
