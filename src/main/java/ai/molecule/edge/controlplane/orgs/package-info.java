/**
 * Orgs, their members and their workspaces: what they are, how they are kept, changed and made to
 * go.
 *
 * <p>{@link ai.molecule.edge.controlplane.orgs.OrgStore}, {@link
 * ai.molecule.edge.controlplane.orgs.MemberStore} and {@link
 * ai.molecule.edge.controlplane.orgs.WorkspaceStore} read, {@link
 * ai.molecule.edge.controlplane.orgs.OrgChanges} and {@link
 * ai.molecule.edge.controlplane.orgs.WorkspaceChanges} change; everything is reached through a
 * {@link ai.molecule.edge.credential.Reach} in the SQL itself. A change of an org's state changes
 * the org first and then its keys, in one transaction with the audit row, the outbox row and the
 * job that carries it on, and is published like a change of a key before it is answered. What the
 * jobs do is in the package {@code provisioning}; here is only which there are.
 *
 * <p>Stores are safe on any thread, changes belong to one event loop. Without Postgres everything
 * fails with {@code store_unavailable}.
 */
@NullMarked
package ai.molecule.edge.controlplane.orgs;

import org.jspecify.annotations.NullMarked;
