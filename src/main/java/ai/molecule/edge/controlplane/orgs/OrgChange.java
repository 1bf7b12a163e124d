package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.Committed;

/**
 * A change of an org within its transaction.
 *
 * @param org as it is now
 * @param keys its keys that have to be published, as they are now
 */
record OrgChange(Org org, Committed keys) {}
