/**
 * Tests of the control plane: the pure ones class by class, and {@link
 * ai.molecule.edge.controlplane.KeysApiTest} over real sockets, Postgres and Redis, status by
 * status.
 */
package ai.molecule.edge.controlplane;
