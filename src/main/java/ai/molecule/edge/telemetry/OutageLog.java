package ai.molecule.edge.telemetry;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs the outage of a dependency without a line a failure: the first failure, then a count every
 * so often, then the recovery. Safe on any thread; {@link #succeeded} costs one read while all is
 * well.
 */
public final class OutageLog {
  /** Time between two lines about one outage. */
  public static final Duration INTERVAL = Duration.ofSeconds(30);

  private final Logger log;
  private final String dependency;
  private final LongSupplier nanoTime;
  private volatile boolean out;
  private long sinceNanos;
  private long lastLineNanos;
  private long unlogged;
  private long failures;

  /** For the dependency of that name. */
  public OutageLog(Logger log, String dependency) {
    this(log, dependency, System::nanoTime);
  }

  OutageLog(Logger log, String dependency, LongSupplier nanoTime) {
    this.log = log;
    this.dependency = dependency;
    this.nanoTime = nanoTime;
  }

  /** A call failed; only the message of {@code failure} is logged, once an interval. */
  public synchronized void failed(Throwable failure) {
    long now = nanoTime.getAsLong();
    failures++;
    if (!out) {
      out = true;
      sinceNanos = now;
      lastLineNanos = now;
      unlogged = 0;
      log.atWarn()
          .addKeyValue(LogKeys.DEPENDENCY, dependency)
          .log("{} does not answer: {}", dependency, failure.toString());
      return;
    }
    unlogged++;
    if (now - lastLineNanos >= INTERVAL.toNanos()) {
      log.atWarn()
          .addKeyValue(LogKeys.DEPENDENCY, dependency)
          .addKeyValue(LogKeys.COUNT, unlogged)
          .log("{} still does not answer: {}", dependency, failure.toString());
      lastLineNanos = now;
      unlogged = 0;
    }
  }

  /** A call succeeded: the end of an outage is logged with its length. */
  public void succeeded() {
    if (out) {
      recovered();
    }
  }

  private synchronized void recovered() {
    if (!out) {
      return;
    }
    long millis = Duration.ofNanos(nanoTime.getAsLong() - sinceNanos).toMillis();
    log.atInfo()
        .addKeyValue(LogKeys.DEPENDENCY, dependency)
        .addKeyValue(LogKeys.COUNT, failures)
        .log("{} answers again after {} ms", dependency, millis);
    failures = 0;
    out = false;
  }
}
