/**
 * Upstreams, and requests to them over HTTP/1.1.
 *
 * <p>The way in is {@link ai.molecule.edge.proxy.UpstreamClient}, the connections of one event loop
 * to all upstreams. Over an {@link ai.molecule.edge.proxy.UpstreamConnection} goes one request at a
 * time: {@link ai.molecule.edge.proxy.RequestHead} writes its head, an {@link
 * ai.molecule.edge.proxy.AnswerReader} takes the answer. {@link ai.molecule.edge.proxy.Balancer}
 * chooses among a route's upstreams by their health on this loop, and {@link
 * ai.molecule.edge.proxy.HeaderPolicy} says which headers go through.
 *
 * <p>Connections, health and choice belong to one event loop; addresses, settings and policies are
 * safe on any thread. Nothing here throws at its caller or tries again: whatever becomes of a
 * request has a name ({@link ai.molecule.edge.proxy.UpstreamOutcome}), and the caller decides.
 * Nothing here knows who asks: no key, no org, no limit.
 */
@NullMarked
package ai.molecule.edge.proxy;

import org.jspecify.annotations.NullMarked;
