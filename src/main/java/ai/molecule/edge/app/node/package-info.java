/**
 * One node put together: {@link ai.molecule.edge.app.node.Node} brings it up and takes it down,
 * {@link ai.molecule.edge.app.node.NodeParts} holds what its event loops share, {@link
 * ai.molecule.edge.app.node.LoopParts} what each has for itself, and {@link
 * ai.molecule.edge.app.node.PartnerRequests} is what answers requests. The order of the tiers is
 * written here and nowhere else.
 *
 * <p>The one place that knows both planes and the stores. A start that fails says in a {@link
 * ai.molecule.edge.app.node.StartFailure} which key to look at.
 */
@NullMarked
package ai.molecule.edge.app.node;

import org.jspecify.annotations.NullMarked;
