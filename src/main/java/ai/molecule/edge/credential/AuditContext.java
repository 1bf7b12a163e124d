package ai.molecule.edge.credential;

/**
 * What the audit log says of a change besides the change itself.
 *
 * @param action such as {@code key.created}
 * @param requestId the request's {@code X-Request-Id}
 */
public record AuditContext(Actor actor, String action, String requestId) {}
