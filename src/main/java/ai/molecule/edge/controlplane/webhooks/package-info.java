/**
 * Webhooks: where partners want to be told of events, and the telling, signed as Standard Webhooks
 * has it.
 *
 * <p>{@link ai.molecule.edge.controlplane.webhooks.WebhookStore} and {@link
 * ai.molecule.edge.controlplane.webhooks.DeliveryStore} are what callers see, reached through a
 * {@link ai.molecule.edge.credential.Reach} in the SQL itself. {@link
 * ai.molecule.edge.controlplane.webhooks.Courier} delivers: it claims what is due in {@link
 * ai.molecule.edge.controlplane.webhooks.DeliveryQueue}, sends it with {@link
 * ai.molecule.edge.controlplane.webhooks.Sender} and writes down what came of it. A claim is a
 * lease longer than any attempt can take, so two nodes never make the same attempt, and what a
 * killed node was at is made again by another: at least once, in no order.
 *
 * <p>Stores are safe on any thread; a courier belongs to one event loop. Without Postgres nothing
 * is delivered and nothing lost. Where a receiver may be is decided by {@link
 * ai.molecule.edge.controlplane.webhooks.Targets}, for its URL when the webhook is made and for the
 * very address that is connected to at each attempt.
 */
@NullMarked
package ai.molecule.edge.controlplane.webhooks;

import org.jspecify.annotations.NullMarked;
