/**
 * The HTTP API with which keys are administered.
 *
 * <p>{@link ai.molecule.edge.controlplane.ControlPlane} is the entry: a router for one event loop,
 * made from routes declared as data. A request passes the same gate as the data plane's, then its
 * body is read strictly ({@link ai.molecule.edge.controlplane.JsonBody}: bounded, no duplicate or
 * unknown member), then {@link ai.molecule.edge.controlplane.KeysApi} does what it asks. What a key
 * that manages keys may grant is decided by {@link ai.molecule.edge.controlplane.KeyAuthority}.
 *
 * <p>Routers and operations belong to one event loop; everything else here is immutable. Nothing
 * fails open: without Postgres every call here is a {@code store_unavailable}, and nothing is
 * acknowledged that is not committed and in force.
 */
@NullMarked
package ai.molecule.edge.controlplane;

import org.jspecify.annotations.NullMarked;
