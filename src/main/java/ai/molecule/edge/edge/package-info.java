/**
 * The data plane: the front door of every request.
 *
 * <p>{@link ai.molecule.edge.edge.FrontFilter} refuses what two programs could read differently.
 * {@link ai.molecule.edge.edge.DirectAnswers} answers the hottest route straight at its connection,
 * {@link ai.molecule.edge.edge.DataPlane} takes everything else: it answers that route too, sends
 * what a {@link ai.molecule.edge.edge.Route} covers on to its service ({@link
 * ai.molecule.edge.edge.Forwarder}), tells gateways whether they may ({@link
 * ai.molecule.edge.edge.Authz}), and passes the rest on to the control plane.
 *
 * <p>Each event loop has a data plane of its own; a node shares the table of routes ({@link
 * ai.molecule.edge.edge.Routes}) and the bounds of what is under way ({@link
 * ai.molecule.edge.edge.ForwardBounds}). Nothing here blocks or waits without a deadline. What goes
 * wrong before an answer has begun is a problem; an answer that goes wrong later is broken off, so
 * that it cannot look whole.
 */
@NullMarked
package ai.molecule.edge.edge;

import org.jspecify.annotations.NullMarked;
