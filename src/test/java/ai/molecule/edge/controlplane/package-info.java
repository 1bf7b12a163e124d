/**
 * Tests of the control plane: the pure ones class by class, and the API operation by operation over
 * real sockets, Postgres and Redis, with {@link
 * ai.molecule.edge.controlplane.ControlPlaneUnderTest}.
 */
package ai.molecule.edge.controlplane;
