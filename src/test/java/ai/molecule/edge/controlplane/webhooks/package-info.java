/** Webhooks against a real Postgres and real receivers. */
package ai.molecule.edge.controlplane.webhooks;
