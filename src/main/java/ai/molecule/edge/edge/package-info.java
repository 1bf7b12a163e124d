/**
 * The data plane: the front door of every request, one dedicated handler an event loop ({@link
 * ai.molecule.edge.edge.DataPlane}). It answers the hot routes itself and passes the rest to the
 * control plane. Nothing here allocates a pool, parses a body or waits.
 */
@NullMarked
package ai.molecule.edge.edge;

import org.jspecify.annotations.NullMarked;
