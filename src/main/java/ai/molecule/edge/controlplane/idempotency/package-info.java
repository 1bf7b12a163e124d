/**
 * Calls that may be repeated: {@code Idempotency-Key}, the HTTP contract, section 3.
 *
 * <p>{@link ai.molecule.edge.controlplane.idempotency.Once} is the entry for operations: it frames
 * the transaction in which something is made, and writes the answer in that very transaction, so
 * that it is remembered if and only if the work is done. {@link
 * ai.molecule.edge.controlplane.idempotency.RememberedAnswers} is the table behind it. While the
 * first call is at work it holds an advisory lock of its transaction, which ends with its
 * connection: a node that dies leaves nothing in flight.
 *
 * <p>Safe on any thread but for {@code Once}, which belongs to its call. Fails closed: when
 * Postgres cannot say whether a call is the first, it is refused.
 */
@NullMarked
package ai.molecule.edge.controlplane.idempotency;

import org.jspecify.annotations.NullMarked;
