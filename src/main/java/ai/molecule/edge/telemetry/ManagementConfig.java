package ai.molecule.edge.telemetry;

/**
 * The operations listener.
 *
 * @param host the address it binds to: loopback, unless a network of its own keeps strangers out
 * @param port 0 takes a free one
 */
public record ManagementConfig(String host, int port) {
  /** The shipped settings. */
  public static ManagementConfig defaults() {
    return new ManagementConfig("127.0.0.1", 9090);
  }
}
