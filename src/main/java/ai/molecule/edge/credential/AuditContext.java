package ai.molecule.edge.credential;

/**
 * What the audit log says of a change besides the change itself.
 *
 * @param action such as {@code key.created}
 * @param requestId the request's {@code X-Request-Id}; {@code none} for what nobody asked for
 */
public record AuditContext(Actor actor, String action, String requestId) {
  /** Of a change that the edge makes by itself. */
  public static AuditContext ofEdge(String action) {
    return new AuditContext(Actor.EDGE, action, "none");
  }
}
