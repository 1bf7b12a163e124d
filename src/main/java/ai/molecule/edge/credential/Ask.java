package ai.molecule.edge.credential;

/**
 * What one request asks of its key.
 *
 * @param needed the scopes the route needs
 * @param cost tokens the request costs; 0 only looks at the bucket
 * @param caller where the request comes from, for {@code ip_allow}
 */
public record Ask(ScopeSet needed, int cost, Caller caller) {
  /** Where a request comes from. Asked only for keys that care. */
  @FunctionalInterface
  public interface Caller {
    /** The numeric address, IPv4 or IPv6. */
    String callerAddress();
  }
}
