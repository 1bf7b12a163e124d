/**
 * The outbox of events: what happens to orgs, written down for whoever wants to be told.
 *
 * <p>{@link ai.molecule.edge.controlplane.events.EventLog} is the entry. It writes within the
 * transaction of what an event tells, so that the one is never there without the other, and adds a
 * delivery for each webhook that wants the event. Delivering is the work of the package {@code
 * webhooks}.
 *
 * <p>Everything is stateless and safe on any thread.
 */
@NullMarked
package ai.molecule.edge.controlplane.events;

import org.jspecify.annotations.NullMarked;
