/**
 * The way to Redis: for each event loop one held, pipelined connection to the server, or to each
 * master of a cluster one.
 *
 * <p>Enter by {@link ai.molecule.edge.redis.RedisAccess}; scripts are {@link
 * ai.molecule.edge.redis.RedisScript}. A way belongs to the event loop that opened it; a script may
 * be shared.
 *
 * <p>Nothing here waits for long or throws: a server that is away, slow or overloaded fails the
 * future with {@link ai.molecule.edge.redis.RedisUnavailable} within the command's deadline, and
 * the caller decides what that means. A command that may have run is never repeated. A Redis that
 * lost its memory, or a slot of a cluster that has been elsewhere, shows a new {@link
 * ai.molecule.edge.redis.Incarnation}, and what was written under older ones is ignored.
 */
@NullMarked
package ai.molecule.edge.redis;

import org.jspecify.annotations.NullMarked;
