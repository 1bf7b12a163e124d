/** Metering over a real Postgres, by a clock that the tests move. */
package ai.molecule.edge.controlplane.usage;
