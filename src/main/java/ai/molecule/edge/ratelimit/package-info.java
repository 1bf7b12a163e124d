/**
 * How many requests a key may make: {@link ai.molecule.edge.ratelimit.Limit limits}, {@link
 * ai.molecule.edge.ratelimit.Decision decisions} and the token bucket in Redis that all nodes
 * share. The bucket is the authority: admitted ≤ burst + rate·Δ for every interval, over all nodes
 * together.
 *
 * <p>The way in is {@link ai.molecule.edge.ratelimit.BucketStore}, one an event loop: asked with an
 * {@link ai.molecule.edge.ratelimit.AdmitAsk}, admit.lua checks the key's record and takes tokens
 * in one step. Its failures are those of Redis; a call that may have run is never repeated. For the
 * time in which Redis is away {@link ai.molecule.edge.ratelimit.LocalBuckets}, one a node and safe
 * on any thread, gives out this node's share, so that the limiter never answers with an error of
 * its own. Values are immutable.
 */
@NullMarked
package ai.molecule.edge.ratelimit;

import org.jspecify.annotations.NullMarked;
