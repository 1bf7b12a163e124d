/**
 * The HTTP API with which partners administer their keys, orgs, members, workspaces and webhooks.
 *
 * <p>{@link ai.molecule.edge.controlplane.ControlPlane} is the entry: a router for one event loop,
 * made from the routes that {@link ai.molecule.edge.controlplane.Operations} declares as data. A
 * request passes the same gate as the data plane's, then its body is read strictly ({@link
 * ai.molecule.edge.controlplane.JsonBody}: bounded, no duplicate or unknown member), then the
 * operation of its route does what it asks, once, however often the call is repeated ({@link
 * ai.molecule.edge.controlplane.Repetitions}). What a key that manages keys may grant is decided by
 * {@link ai.molecule.edge.controlplane.KeyAuthority}. The packages below hold what the operations
 * work on and know nothing of HTTP.
 *
 * <p>Routers and operations belong to one event loop; everything else here is immutable. Nothing
 * fails open: without Postgres every call here is a {@code store_unavailable}, and nothing is
 * acknowledged that is not committed and in force.
 */
@NullMarked
package ai.molecule.edge.controlplane;

import org.jspecify.annotations.NullMarked;
