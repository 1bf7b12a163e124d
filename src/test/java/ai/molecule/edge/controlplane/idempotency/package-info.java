/** Tests of repeated calls. */
@NullMarked
package ai.molecule.edge.controlplane.idempotency;

import org.jspecify.annotations.NullMarked;
