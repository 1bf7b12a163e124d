package ai.molecule.edge.app;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * How long this JVM's event loops had to wait, without being to blame for it: for a processor, as
 * Linux counts it for every thread, or while the whole JVM stood still, which a thread notices that
 * has nothing to do but to wake up. Safe on any thread.
 */
final class RunQueue implements AutoCloseable {
  private static final Path TASKS = Path.of("/proc/self/task");

  /** What Linux keeps of the threads' names. */
  private static final String EVENT_LOOP = "vert.x-eventloo";

  private static final int SAMPLE_MILLIS = 50;
  private static final int SAMPLES_MAX = 400;

  /** The waits of all event loops until a moment, in nanoseconds by thread. */
  private record Sample(long atNanos, Map<String, Long> waitedNanos) {}

  private final Deque<Sample> samples = new ArrayDeque<>();
  private final ScheduledExecutorService sampler =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("run-queue-sampler").factory());

  /** Begins to watch. */
  static RunQueue watch() {
    RunQueue queue = new RunQueue();
    queue.sampler.scheduleWithFixedDelay(
        () -> queue.add(sample()), 0, SAMPLE_MILLIS, TimeUnit.MILLISECONDS);
    return queue;
  }

  private synchronized void add(Sample sample) {
    samples.addLast(sample);
    if (samples.size() > SAMPLES_MAX) {
      samples.removeFirst();
    }
  }

  /** The longest that any event loop waited, or the JVM stood still, in the last {@code millis}. */
  synchronized long waitedMillis(long millis) {
    long from = System.nanoTime() - (millis + 2L * SAMPLE_MILLIS) * 1_000_000;
    Sample now = sample();
    Sample then = null;
    long previousNanos = 0;
    long longest = 0;
    for (Sample sample : samples) {
      if (then == null || sample.atNanos() - from <= 0) {
        then = sample;
      } else {
        long late = sample.atNanos() - previousNanos - SAMPLE_MILLIS * 1_000_000L;
        longest = Math.max(longest, late);
      }
      previousNanos = sample.atNanos();
    }
    if (then == null) {
      return 0;
    }
    longest = Math.max(longest, now.atNanos() - previousNanos - SAMPLE_MILLIS * 1_000_000L);
    for (Map.Entry<String, Long> thread : now.waitedNanos().entrySet()) {
      long before = then.waitedNanos().getOrDefault(thread.getKey(), 0L);
      longest = Math.max(longest, thread.getValue() - before);
    }
    return longest / 1_000_000;
  }

  private static Sample sample() {
    Map<String, Long> waited = new HashMap<>();
    if (Files.isDirectory(TASKS)) {
      try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
        for (Path task : tasks) {
          read(task, waited);
        }
      } catch (IOException gone) {
        // What was read so far counts.
      }
    }
    return new Sample(System.nanoTime(), waited);
  }

  private static void read(Path task, Map<String, Long> waited) {
    try {
      if (Files.readString(task.resolve("comm")).startsWith(EVENT_LOOP)) {
        String[] counts = Files.readString(task.resolve("schedstat")).split(" ");
        waited.put(task.getFileName().toString(), Long.parseLong(counts[1]));
      }
    } catch (IOException gone) {
      // The thread has ended.
    }
  }

  @Override
  public void close() {
    sampler.shutdownNow();
  }
}
