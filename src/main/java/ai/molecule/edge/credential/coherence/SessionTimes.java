package ai.molecule.edge.credential.coherence;

import java.time.Duration;

/**
 * The protocol's times. Source: the design, section 3.
 *
 * @param length how long a session goes on without renewal (2 s)
 * @param renewEvery how often it is renewed (500 ms)
 * @param margin by how much a node stops trusting its session before Postgres ends it (50 ms)
 * @param driftMax how far wall clock and monotonic clock may drift apart between two renewals
 *     before the machine counts as having been paused (100 ms)
 * @param confirmWithin how long a session may stay silent before it is fenced (250 ms)
 */
public record SessionTimes(
    Duration length,
    Duration renewEvery,
    Duration margin,
    Duration driftMax,
    Duration confirmWithin) {
  /** The times of the design. */
  public static final SessionTimes DEFAULT =
      new SessionTimes(
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          Duration.ofMillis(50),
          Duration.ofMillis(100),
          Duration.ofMillis(250));
}
