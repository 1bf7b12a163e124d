/**
 * One request and its answer, and the stages between them.
 *
 * <p>{@link ai.molecule.edge.exchange.Call} is a request with its id and its one completion point:
 * an {@link ai.molecule.edge.exchange.Exchange} over Vert.x' requests and responses, or a {@link
 * ai.molecule.edge.exchange.DirectCall}, whose answer goes to its connection as bytes. The way in
 * is {@link ai.molecule.edge.exchange.Gate}: it turns a {@link ai.molecule.edge.exchange.Routed}
 * into an {@link ai.molecule.edge.exchange.Admitted}, and tells a direct call its {@link
 * ai.molecule.edge.exchange.Passage}. Handlers accept nothing but these, so a request that was not
 * authenticated, authorized and metered does not compile.
 *
 * <p>A call belongs to the event loop of its connection, a gate to one event loop. What cannot be
 * established is refused with a problem, and every call is completed once, however it ends.
 */
@NullMarked
package ai.molecule.edge.exchange;

import org.jspecify.annotations.NullMarked;
