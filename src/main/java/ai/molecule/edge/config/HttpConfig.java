package ai.molecule.edge.config;

import java.time.Duration;

/**
 * The public listener.
 *
 * @param host the address it binds to
 * @param port 0 takes a free one
 * @param eventLoops threads that serve requests; 0 is one a core
 * @param connectionsMax open connections; one more is closed at once
 * @param headersMax headers of one request
 * @param headersBytesMax bytes of all headers of one request together
 * @param requestLineBytesMax bytes of the request line
 * @param bodyBytesMax bytes of a body that the control plane reads
 * @param idleTimeout after which a connection without traffic is closed
 * @param headerTimeout until the headers of a request must be there
 * @param bodyTimeout until the body of a request must be there
 * @param front how connections come in
 */
public record HttpConfig(
    String host,
    int port,
    int eventLoops,
    int connectionsMax,
    int headersMax,
    int headersBytesMax,
    int requestLineBytesMax,
    int bodyBytesMax,
    Duration idleTimeout,
    Duration headerTimeout,
    Duration bodyTimeout,
    FrontConfig front) {

  /** A listener in clear text for callers that come directly. */
  public HttpConfig(
      String host,
      int port,
      int eventLoops,
      int connectionsMax,
      int headersMax,
      int headersBytesMax,
      int requestLineBytesMax,
      int bodyBytesMax,
      Duration idleTimeout,
      Duration headerTimeout,
      Duration bodyTimeout) {
    this(
        host,
        port,
        eventLoops,
        connectionsMax,
        headersMax,
        headersBytesMax,
        requestLineBytesMax,
        bodyBytesMax,
        idleTimeout,
        headerTimeout,
        bodyTimeout,
        FrontConfig.defaults());
  }

  /** This listener with connections coming in another way. */
  public HttpConfig withFront(FrontConfig other) {
    return new HttpConfig(
        host,
        port,
        eventLoops,
        connectionsMax,
        headersMax,
        headersBytesMax,
        requestLineBytesMax,
        bodyBytesMax,
        idleTimeout,
        headerTimeout,
        bodyTimeout,
        other);
  }

  /** The shipped settings. */
  public static HttpConfig defaults() {
    return new HttpConfig(
        "0.0.0.0",
        8080,
        0,
        20_000,
        64,
        8 << 10,
        4 << 10,
        64 << 10,
        Duration.ofSeconds(75),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30));
  }

  /** Event loops to start. */
  public int eventLoopsEffective() {
    return eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops;
  }
}
