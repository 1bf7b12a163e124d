/** The outbox of events over a real Postgres. */
package ai.molecule.edge.controlplane.events;
