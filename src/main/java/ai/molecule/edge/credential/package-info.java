/**
 * Partner keys: how they are presented, checked, cached, changed and revoked.
 *
 * <p>The way in is {@link ai.molecule.edge.credential.AdmissionTier}: hash in, key and limiter
 * decision out. The way to change a key is {@link ai.molecule.edge.credential.KeyChanges}, the one
 * change path. Authentication fails closed: what cannot be established is refused.
 */
@NullMarked
package ai.molecule.edge.credential;

import org.jspecify.annotations.NullMarked;
