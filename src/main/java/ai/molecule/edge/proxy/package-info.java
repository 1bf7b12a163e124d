/**
 * Upstreams, and requests to them: where they are ({@link ai.molecule.edge.proxy.UpstreamAddress}),
 * which of a route's upstreams gets the next request, and what becomes of one that fails. Nothing
 * here knows who asks: no key, no org, no limit.
 */
@NullMarked
package ai.molecule.edge.proxy;

import org.jspecify.annotations.NullMarked;
