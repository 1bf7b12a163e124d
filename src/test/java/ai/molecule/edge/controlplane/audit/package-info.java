/** Tests of the audit log's queries. */
@NullMarked
package ai.molecule.edge.controlplane.audit;

import org.jspecify.annotations.NullMarked;
