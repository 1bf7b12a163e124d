/**
 * Partner keys: how they are presented, checked, cached, changed and revoked.
 *
 * <p>The way in is {@link ai.molecule.edge.credential.AdmissionTier}: hash in, key and limiter
 * decision out. {@link ai.molecule.edge.credential.LeasedTier} decides from its event loop's cache
 * alone, {@link ai.molecule.edge.credential.RedisTier} by Redis and where that knows nothing by
 * Postgres, {@link ai.molecule.edge.credential.OutageTier} while Redis is away. The way to change a
 * key is {@link ai.molecule.edge.credential.KeyChanges}, the one change path.
 *
 * <p>Tiers, caches and the change path belong to one event loop each. A node shares the outage
 * tier, remembered absences and last uses, which are safe on any thread, as are records and other
 * values. Authentication fails closed: what cannot be established is refused. Of a credential only
 * its hash is kept, and nothing here shows one.
 */
@NullMarked
package ai.molecule.edge.credential;

import org.jspecify.annotations.NullMarked;
