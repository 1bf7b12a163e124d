/** Orgs over a real Postgres: the plans of its queries, and exports. */
package ai.molecule.edge.controlplane.orgs;
