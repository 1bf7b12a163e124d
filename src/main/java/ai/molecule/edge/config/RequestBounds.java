package ai.molecule.edge.config;

import java.time.Duration;

/**
 * How long and how large a request to the edge may be.
 *
 * @param headersMax headers of one request
 * @param headersBytesMax bytes of all headers of one request together
 * @param requestLineBytesMax bytes of the request line
 * @param bodyBytesMax bytes of a body that the control plane reads
 * @param headerTimeout until the headers of a request must be there
 * @param bodyTimeout until the body of a request must be there
 */
public record RequestBounds(
    int headersMax,
    int headersBytesMax,
    int requestLineBytesMax,
    int bodyBytesMax,
    Duration headerTimeout,
    Duration bodyTimeout) {

  /** The shipped settings. */
  public static RequestBounds defaults() {
    return new RequestBounds(
        64, 8 << 10, 4 << 10, 64 << 10, Duration.ofSeconds(10), Duration.ofSeconds(30));
  }
}
