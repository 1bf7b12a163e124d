package ai.molecule.edge.credential;

/**
 * What one request asks of its key.
 *
 * @param needed the scopes the route needs
 * @param cost tokens the request costs; 0 only looks at the bucket
 * @param callerAddress the caller's numeric address, for {@code ip_allow}
 */
public record Ask(ScopeSet needed, int cost, String callerAddress) {}
