/** Provisioning over a real Postgres, crashed and overtaken at every step. */
package ai.molecule.edge.controlplane.provisioning;
