package ai.molecule.edge.config;

import java.time.Duration;

/**
 * The public listener.
 *
 * @param host the address it binds to
 * @param port 0 takes a free one
 * @param eventLoops threads that serve requests; 0 is one a core
 * @param connectionsMax open connections; one more is closed at once
 * @param idleTimeout after which a connection without traffic is closed
 * @param requests how long and how large a request may be
 * @param front how connections come in
 */
public record HttpConfig(
    String host,
    int port,
    int eventLoops,
    int connectionsMax,
    Duration idleTimeout,
    RequestBounds requests,
    FrontConfig front) {

  /** The shipped settings. */
  public static HttpConfig defaults() {
    return new HttpConfig(
        "0.0.0.0",
        8080,
        0,
        20_000,
        Duration.ofSeconds(75),
        RequestBounds.defaults(),
        FrontConfig.defaults());
  }

  /** This listener at another address. */
  public HttpConfig withAddress(String otherHost, int otherPort) {
    return new HttpConfig(
        otherHost, otherPort, eventLoops, connectionsMax, idleTimeout, requests, front);
  }

  /** This listener with so many event loops. */
  public HttpConfig withEventLoops(int loops) {
    return new HttpConfig(host, port, loops, connectionsMax, idleTimeout, requests, front);
  }

  /** This listener with idle connections closed after another time. */
  public HttpConfig withIdleTimeout(Duration other) {
    return new HttpConfig(host, port, eventLoops, connectionsMax, other, requests, front);
  }

  /** This listener with other bounds of requests. */
  public HttpConfig withRequests(RequestBounds others) {
    return new HttpConfig(host, port, eventLoops, connectionsMax, idleTimeout, others, front);
  }

  /** This listener with connections coming in another way. */
  public HttpConfig withFront(FrontConfig other) {
    return new HttpConfig(host, port, eventLoops, connectionsMax, idleTimeout, requests, other);
  }

  /** Event loops to start. */
  public int eventLoopsEffective() {
    return eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops;
  }
}
