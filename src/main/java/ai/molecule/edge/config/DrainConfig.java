package ai.molecule.edge.config;

import java.time.Duration;

/**
 * How a node leaves.
 *
 * @param announce how long answers ask clients to close their connections before the listener
 *     closes
 * @param finish how long requests in flight may take after that
 * @param flush how long the last writes to the stores may take
 */
public record DrainConfig(Duration announce, Duration finish, Duration flush) {
  /** The shipped settings. */
  public static DrainConfig defaults() {
    return new DrainConfig(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(3));
  }
}
