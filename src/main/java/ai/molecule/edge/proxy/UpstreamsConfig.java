package ai.molecule.edge.proxy;

import java.time.Duration;

/**
 * How upstreams are spoken to.
 *
 * @param connectionsMax connections of this node to one upstream
 * @param queueMax requests that may wait for one of them; one more is {@code upstream_saturated}
 * @param connectTimeout deadline of a connection
 * @param keepAlive how long an unused connection is kept, in whole seconds; shorter than upstreams
 *     keep theirs, or a request meets one that is just being closed
 * @param idleTimeout an answer under way of which nothing comes for so long is cut
 * @param headBytesMax bytes of the head of an answer
 * @param streamsPerKeyMax upgraded connections and event streams that one key may have open here
 * @param ejectionFailures failures in a row after which an upstream is left out for a while
 * @param ejectionTime how long; longer with each further time
 */
public record UpstreamsConfig(
    int connectionsMax,
    int queueMax,
    Duration connectTimeout,
    Duration keepAlive,
    Duration idleTimeout,
    int headBytesMax,
    int streamsPerKeyMax,
    int ejectionFailures,
    Duration ejectionTime) {
  /** The shipped settings. */
  public static UpstreamsConfig defaults() {
    return new UpstreamsConfig(
        512,
        1_024,
        Duration.ofSeconds(2),
        Duration.ofSeconds(4),
        Duration.ofSeconds(60),
        32 << 10,
        100,
        5,
        Duration.ofSeconds(5));
  }
}
