/**
 * The audit log: one row per mutation, written in the mutation's own transaction.
 *
 * <p>{@link ai.molecule.edge.controlplane.audit.AuditStore} reads it through a reach; it is safe on
 * any thread and fails with {@code store_unavailable} without Postgres. {@link
 * ai.molecule.edge.controlplane.audit.AuditLog} writes the rows of orgs and webhooks on the
 * connection of their transaction; those of keys are a part of the statements of {@link
 * ai.molecule.edge.credential.KeyStore}.
 */
@NullMarked
package ai.molecule.edge.controlplane.audit;

import org.jspecify.annotations.NullMarked;
