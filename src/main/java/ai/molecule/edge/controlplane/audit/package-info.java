/**
 * The audit log as it is read: one row per mutation, written in the mutation's own transaction by
 * the store that made it ({@code KeyStore}, {@code OrgAudit}).
 *
 * <p>{@link ai.molecule.edge.controlplane.audit.AuditStore} is the entry; it reads through a reach
 * and is safe on any thread.
 */
@NullMarked
package ai.molecule.edge.controlplane.audit;

import org.jspecify.annotations.NullMarked;
