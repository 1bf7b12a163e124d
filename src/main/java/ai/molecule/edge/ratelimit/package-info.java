/**
 * How many requests a key may make: {@link ai.molecule.edge.ratelimit.Limit limits}, {@link
 * ai.molecule.edge.ratelimit.Decision decisions} and the token bucket in Redis that all nodes
 * share. The bucket is the authority: admitted ≤ burst + rate·Δ for every interval, over all nodes
 * together. When Redis is away the limiter falls back to a share of the limit on each node; it
 * never answers with an error of its own.
 */
@NullMarked
package ai.molecule.edge.ratelimit;

import org.jspecify.annotations.NullMarked;
