/**
 * One request and its answer, and the stages between them.
 *
 * <p>{@link ai.molecule.edge.exchange.Exchange} is the request with its id and its one completion
 * point; {@link ai.molecule.edge.exchange.Gate} turns a {@link ai.molecule.edge.exchange.Routed}
 * into an {@link ai.molecule.edge.exchange.Admitted}, the only thing handlers accept: a request
 * that was not authenticated, authorized and metered does not compile. Everything belongs to the
 * event loop of its connection.
 */
@NullMarked
package ai.molecule.edge.exchange;

import org.jspecify.annotations.NullMarked;
