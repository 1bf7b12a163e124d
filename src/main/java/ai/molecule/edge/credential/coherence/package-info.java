/**
 * The revocation protocol: how a change to a key reaches every node before it is answered, though
 * no node asks anybody per request.
 *
 * <p>Invariant: once {@link ai.molecule.edge.credential.coherence.Coordinator#invalidate} has
 * completed for a version, no node's cache admits a request that starts later under an older one.
 *
 * <p>A node trusts its cache only while it holds a {@link
 * ai.molecule.edge.credential.coherence.NodeSession session}, a row in Postgres that it renews on
 * the connection that LISTENs. Who changes a key reads the sessions alive, notifies them, and waits
 * for each to confirm or, fenced, to run out. {@code NodeSession} and {@code Coordinator} know
 * Postgres, timers and threads through ports alone, and the build explores them exhaustively. Both
 * belong to one event loop, the node's coherence context; {@link
 * ai.molecule.edge.credential.coherence.NodeCoherence} runs them there and lets any thread ask.
 *
 * <p>With Postgres away the session lapses, and requests are vouched for by Redis one by one; an
 * invalidation that has perhaps not reached every node fails, and the change path finishes it
 * later.
 */
@NullMarked
package ai.molecule.edge.credential.coherence;

import org.jspecify.annotations.NullMarked;
